import type { Language, Texts } from "../languages/texts.ts";
import { fillIn, markup, type Html } from "../markup.ts";

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Length of one GSM message, minus room for a gateway's prefix. */
export const LONGEST_SMS = 140;

export function buildCodeMail(code: string, appName: string, { language, message }: Texts): Mail {
  const text = `${message.code(code, appName)}.

${message.codeNote}
`;
  const shown = markup`<strong style="font-size:1.5em">${code}</strong>`;
  const body = markup`<p>${fillIn((inner) => message.code(inner, appName), shown)}.</p>
<p>${message.codeNote}</p>`;
  return { subject: message.code(code, appName), text, html: wrap(language, body) };
}

export function buildLinkMail(url: string, name: string, appName: string, { language, message }: Texts): Mail {
  const text = `${message.hello(name)}

${message.openLink(appName)}

${url}

${message.keepLink}
`;
  const body = markup`<p>${message.hello(name)}</p>
<p>${message.openLink(appName)}</p>
<p><a href="${url}" style="display:inline-block;padding:12px 24px;border-radius:8px;background:#0b57d0;color:#fff;text-decoration:none">${message.openButton(appName)}</a></p>
<p>${message.keepLink}</p>`;
  return { subject: message.linkSubject(appName), text, html: wrap(language, body) };
}

function wrap(language: Language, body: Html): string {
  return String(
    markup`<!doctype html><html lang="${language}"><body style="font:16px/1.5 sans-serif">${body}</body></html>\n`,
  );
}

export function buildCodeSms(code: string, appName: string, { message }: Texts): string {
  const text = `${message.code(code, toPlain(appName))}.`;
  return text.length <= LONGEST_SMS ? text : message.codeAlone(code);
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
