import { buildPage, escapeHtml } from "../page.ts";
import { FORM_FIELDS, type FormErrors, type FormField, type FormValues, type Verified } from "./person.ts";

/** Values that every page of the sign-up needs. */
export interface PageContext {
  readonly appName: string;
  readonly path: string;
  readonly verify: Verified;
  readonly formToken: string;
  readonly termsUrl?: string;
  readonly privacyUrl?: string;
}

export const HONEYPOT = "website";

interface FieldLooks {
  readonly label: string;
  readonly attributes: string;
}

/**
 * Autocomplete names, so that phones fill in the fields:
 * https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill
 */
const LOOKS = {
  name: { label: "Your name", attributes: 'type="text" autocomplete="name" maxlength="100"' },
  phone: { label: "Phone number", attributes: 'type="tel" autocomplete="tel" inputmode="tel" maxlength="40"' },
  email: { label: "E-mail address", attributes: 'type="email" autocomplete="email" inputmode="email" maxlength="254"' },
} as const satisfies Record<FormField, FieldLooks>;

const EMPTY: FormValues = { name: "", phone: "", email: "" };

export function buildFormPage(context: PageContext, values: FormValues = EMPTY, errors: FormErrors = {}): string {
  const { appName, path, verify, formToken } = context;
  const where = verify === "email" ? "to your e-mail address" : "to your phone";
  const fields = FORM_FIELDS.map((field) => buildField(field, values[field], errors[field], verify));
  return buildPage(
    `Sign up for ${appName}`,
    `${buildAlert(errors)}<p>We send a code ${where}, and then a link that sets the app up.</p>
<form method="post" action="${escapeHtml(path)}" novalidate>
${fields.join("\n")}
<div class="trap" aria-hidden="true"><label for="${HONEYPOT}">Leave this empty</label>
<input id="${HONEYPOT}" name="${HONEYPOT}" type="text" tabindex="-1" autocomplete="off"></div>
<input type="hidden" name="form_token" value="${escapeHtml(formToken)}">
<button class="button" type="submit">Send me a code</button>
</form>
${buildLegal(context)}`,
  );
}

/** Lists the errors, with links to their fields. A screen reader reads it as soon as the page has loaded. */
function buildAlert(errors: FormErrors): string {
  const wrong = FORM_FIELDS.flatMap((field) => {
    const message = errors[field];
    return message === undefined ? [] : [`<p><a href="#${field}">${escapeHtml(message)}</a></p>`];
  });
  return wrong.length === 0 ? "" : `<div class="alert" role="alert">\n${wrong.join("\n")}\n</div>\n`;
}

function buildField(field: FormField, value: string, error: string | undefined, verify: Verified): string {
  const { label, attributes } = LOOKS[field];
  const isOptional = field === "phone" && verify !== "phone";
  const state = error === undefined ? "" : ` aria-invalid="true" aria-describedby="${field}-error"`;
  const message = error === undefined ? "" : `\n<p class="error" id="${field}-error">${escapeHtml(error)}</p>`;
  return `<div class="field"><label for="${field}">${label}${isOptional ? " (optional)" : ""}</label>
<input id="${field}" name="${field}" ${attributes} value="${escapeHtml(value)}"${isOptional ? "" : " required"}${state}>${message}</div>`;
}

function buildLegal({ termsUrl, privacyUrl }: PageContext): string {
  const links = [
    ["Terms of use", termsUrl],
    ["Privacy", privacyUrl],
  ].flatMap(([text, url]) => (url === undefined ? [] : [`<a href="${escapeHtml(url)}" rel="noreferrer">${text}</a>`]));
  return links.length === 0 ? "" : `<p class="small">${links.join(" · ")}</p>`;
}

export interface CodeStep {
  readonly ticket: string;
  /** Address or number as the person typed it. */
  readonly sentTo: string;
  readonly error?: string;
}

export function buildCodePage({ path, formToken }: PageContext, { ticket, sentTo, error }: CodeStep): string {
  const state = error === undefined ? "" : ' aria-invalid="true" aria-describedby="code-error"';
  const message = error === undefined ? "" : `\n<p class="error" id="code-error" role="alert">${escapeHtml(error)}</p>`;
  return buildPage(
    "Enter the code",
    `<p>We have sent a code of six digits to <strong>${escapeHtml(sentTo)}</strong>. It is good for 15 minutes.</p>
<form method="post" action="${escapeHtml(path)}/code" novalidate>
<div class="field"><label for="code">Code</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="10" required autofocus${state}>${message}</div>
<input type="hidden" name="ticket" value="${escapeHtml(ticket)}">
<input type="hidden" name="sent_to" value="${escapeHtml(sentTo)}">
<input type="hidden" name="form_token" value="${escapeHtml(formToken)}">
<button class="button" type="submit">Confirm</button>
</form>
<p class="small">No code? Look into the spam folder, or <a href="${escapeHtml(path)}">start again</a>.</p>`,
  );
}

export function buildDonePage(appName: string, sentTo: string): string {
  return buildPage(
    "Your account is ready",
    `<p>We have sent a link to <strong>${escapeHtml(sentTo)}</strong>.</p>
<p>Open it on this phone, and ${escapeHtml(appName)} is set up.</p>`,
  );
}

/** Page for an error that a person can fix by starting again. */
export function buildAgainPage(path: string, title: string, text: string): string {
  return buildPage(
    title,
    `<p>${escapeHtml(text)}</p>\n<p><a class="button" href="${escapeHtml(path)}">Start again</a></p>`,
  );
}
