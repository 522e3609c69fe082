import { escapeHtml } from "../page.ts";

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Length of one GSM message, minus room for a gateway's prefix. */
export const LONGEST_SMS = 140;

export function buildCodeMail(code: string, appName: string): Mail {
  const text = `${code} is your code for ${appName}.

It is good for 15 minutes. If you did not ask for it, somebody else has typed your address: ignore this message.
`;
  const html = `<p><strong style="font-size:1.5em">${code}</strong> is your code for ${escapeHtml(appName)}.</p>
<p>It is good for 15 minutes. If you did not ask for it, somebody else has typed your address: ignore this message.</p>`;
  return { subject: `${code} is your code for ${appName}`, text, html: wrap(html) };
}

export function buildLinkMail(url: string, name: string, appName: string): Mail {
  const text = `Hello ${name},

your account is ready. Open this link on your phone, and ${appName} is set up:

${url}

The link holds your password: do not pass it on.
`;
  const html = `<p>Hello ${escapeHtml(name)},</p>
<p>your account is ready. Open this on your phone, and ${escapeHtml(appName)} is set up:</p>
<p><a href="${escapeHtml(url)}" style="display:inline-block;padding:12px 24px;border-radius:8px;background:#0b57d0;color:#fff;text-decoration:none">Open ${escapeHtml(appName)}</a></p>
<p>The link holds your password: do not pass it on.</p>`;
  return { subject: `Your account for ${appName}`, text, html: wrap(html) };
}

function wrap(body: string): string {
  return `<!doctype html><html lang="en"><body style="font:16px/1.5 sans-serif">${body}</body></html>\n`;
}

export function buildCodeSms(code: string, appName: string): string {
  const text = `${code} is your code for ${toPlain(appName)}.`;
  return text.length <= LONGEST_SMS ? text : `${code} is your code.`;
}

/**
 * Returns the link, preceded by the app's name if there is room. It is not escaped: the launch handler accepts plain
 * Base64, and each escape takes two more characters.
 */
export function buildLinkSms(url: string, link: string, appName: string): string {
  const bare = `${url}?c=${link}`;
  const named = `${toPlain(appName)}: ${bare}`;
  return named.length <= LONGEST_SMS ? named : bare;
}

/** Any other letter halves the length of a message (3GPP TS 23.038). */
function toPlain(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/[^ -~]/g, "")
    .replaceAll(/[[\]\\^{}|~`]/g, "")
    .trim();
}
