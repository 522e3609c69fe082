import type { FormError, Texts } from "../languages/texts.ts";
import { fillIn, markup, type Html } from "../markup.ts";
import { buildPage } from "../page.ts";
import { FORM_FIELDS, type FormErrors, type FormField, type FormValues, type Verified } from "./person.ts";

/** Values that every page of the sign-up needs. */
export interface PageContext {
  readonly texts: Texts;
  readonly appName: string;
  readonly path: string;
  readonly verify: Verified;
  readonly formToken: string;
  readonly termsUrl?: string;
  readonly privacyUrl?: string;
}

export const HONEYPOT = "website";

/**
 * Autocomplete names, so that phones fill in the fields:
 * https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill
 */
const ATTRIBUTES = {
  name: markup`type="text" autocomplete="name" maxlength="100"`,
  phone: markup`type="tel" autocomplete="tel" inputmode="tel" maxlength="40"`,
  email: markup`type="email" autocomplete="email" inputmode="email" maxlength="254"`,
} as const satisfies Record<FormField, Html>;

const EMPTY: FormValues = { name: "", phone: "", email: "" };

export function buildFormPage(context: PageContext, values: FormValues = EMPTY, errors: FormErrors = {}): string {
  const { texts, appName, path, verify, formToken } = context;
  const { form } = texts;
  const fields = FORM_FIELDS.map((field) => buildField(context, field, values[field], errors[field]));
  return buildPage(
    texts.language,
    form.title(appName),
    markup`${buildAlert(texts, errors)}<p>${verify === "email" ? form.introEmail : form.introPhone}</p>
<form method="post" action="${path}" novalidate>
${fields}
<div class="trap" aria-hidden="true"><label for="${HONEYPOT}">${form.leaveEmpty}</label>
<input id="${HONEYPOT}" name="${HONEYPOT}" type="text" tabindex="-1" autocomplete="off"></div>
<input type="hidden" name="form_token" value="${formToken}">
<button class="button" type="submit">${form.send}</button>
</form>
${buildLegal(context)}`,
  );
}

/** Lists the errors, with links to their fields. A screen reader reads it as soon as the page has loaded. */
function buildAlert(texts: Texts, errors: FormErrors): Html | undefined {
  const wrong = FORM_FIELDS.flatMap((field) => {
    const error = errors[field];
    return error === undefined ? [] : [markup`<p><a href="#${field}">${texts.errors[error]}</a></p>`];
  });
  return wrong.length === 0 ? undefined : markup`<div class="alert" role="alert">\n${wrong}\n</div>\n`;
}

function buildField(
  { texts, verify }: PageContext,
  field: FormField,
  value: string,
  error: FormError | undefined,
): Html {
  const { form, errors } = texts;
  const isOptional = field === "phone" && verify !== "phone";
  const state = error === undefined ? undefined : markup` aria-invalid="true" aria-describedby="${field}-error"`;
  const message = error === undefined ? undefined : markup`\n<p class="error" id="${field}-error">${errors[error]}</p>`;
  return markup`<div class="field"><label for="${field}">${form[field]}${isOptional ? ` (${form.optional})` : ""}</label>
<input id="${field}" name="${field}" ${ATTRIBUTES[field]} value="${value}"${isOptional ? "" : " required"}${state}>${message}</div>`;
}

function buildLegal({ texts, termsUrl, privacyUrl }: PageContext): Html | undefined {
  const links = [
    [texts.form.terms, termsUrl],
    [texts.form.privacy, privacyUrl],
  ].flatMap(([text, url]) => (url === undefined ? [] : [markup`<a href="${url}" rel="noreferrer">${text}</a>`]));
  const [first, second] = links;
  return first && markup`<p class="small">${first}${second && markup` · ${second}`}</p>`;
}

export interface CodeStep {
  readonly ticket: string;
  /** Address or number as the person typed it. */
  readonly sentTo: string;
  readonly error?: string;
}

export function buildCodePage({ texts, path, formToken }: PageContext, { ticket, sentTo, error }: CodeStep): string {
  const { language, code, again } = texts;
  const state = error === undefined ? undefined : markup` aria-invalid="true" aria-describedby="code-error"`;
  const message =
    error === undefined ? undefined : markup`\n<p class="error" id="code-error" role="alert">${error}</p>`;
  return buildPage(
    language,
    code.title,
    markup`<p>${fillIn(code.intro, markup`<strong>${sentTo}</strong>`)}</p>
<form method="post" action="${path}/code" novalidate>
<div class="field"><label for="code">${code.label}</label>
<input class="code" id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="10" required autofocus${state}>${message}</div>
<input type="hidden" name="ticket" value="${ticket}">
<input type="hidden" name="sent_to" value="${sentTo}">
<input type="hidden" name="form_token" value="${formToken}">
<button class="button" type="submit">${code.confirm}</button>
</form>
<p class="small">${fillIn(code.noCode, markup`<a href="${path}">${again.link}</a>`)}</p>`,
  );
}

export function buildDonePage({ texts, appName }: Pick<PageContext, "texts" | "appName">, sentTo: string): string {
  const { language, done } = texts;
  return buildPage(
    language,
    done.title,
    markup`<p>${fillIn(done.sent, markup`<strong>${sentTo}</strong>`)}</p>
<p>${done.openIt(appName)}</p>`,
  );
}

/** Page for an error that a person can fix by starting again. */
export function buildAgainPage(
  path: string,
  { language, again }: Texts,
  why: "forged" | "expired" | "limited" | "failed" | "gone",
): string {
  const { title, text } = again[why];
  return buildPage(
    language,
    title,
    markup`<p>${text}</p>\n<p><a class="button" href="${path}">${again.button}</a></p>`,
  );
}
