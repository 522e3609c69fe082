import { createHash } from "node:crypto";
import { IPAD_SCRIPT_SOURCE } from "./ipad-script.ts";
import type { Language } from "./languages/texts.ts";
import { Html, markup } from "./markup.ts";

/** Styles for small screens first, in the system's light or dark colours. */
const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1f1f1f; --accent: #0b57d0; --on-accent: #fff; --line: #747775; --error: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --back: #1b1b1f; --text: #e3e3e3; --accent: #a8c7fa; --on-accent: #062e6f; --line: #8e918f; --error: #f2b8b5; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem; background: var(--back); color: var(--text); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 27rem; margin: 0 auto; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
.button { display: block; width: 100%; min-height: 3rem; padding: .75rem 1rem; border: 0; border-radius: .75rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
.button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.qr { display: block; width: 100%; max-width: 16rem; height: auto; margin: 0 auto; border-radius: .75rem; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input { display: block; width: 100%; min-height: 3rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .75rem;
  background: transparent; color: inherit; font: inherit; }
input[aria-invalid=true] { border: 2px solid var(--error); }
.field { margin-bottom: 1.25rem; }
.hint { margin: .25rem 0 0; font-size: .9375rem; }
.error { margin: .25rem 0 0; color: var(--error); font-size: .9375rem; font-weight: 600; }
.alert { margin-bottom: 1.25rem; padding: .75rem 1rem; border-left: 4px solid var(--error); }
.alert p:last-child { margin: 0; }
.alert a { color: var(--error); }
.code { font-size: 1.5rem; letter-spacing: .25em; }
.trap { position: absolute; left: -100rem; width: 1px; height: 1px; overflow: hidden; }
.small { margin-top: 1.5rem; font-size: .9375rem; }
.small a { color: var(--accent); }
figure { margin: 1.5rem 0; padding-top: 1.5rem; border-top: 1px solid var(--line); }
figcaption { margin-bottom: 1rem; }
ul { margin: 1.5rem 0 0; padding: 1.5rem 0 0; border-top: 1px solid var(--line); list-style: none; }
li { margin-bottom: .5rem; }
li a { display: inline-block; padding: .5rem 0; color: var(--accent); }
`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** Headers for every page: no loading of resources, no framing, no caching, no referrer. */
export const PAGE_HEADERS = buildHeaders("'none'");
/** Headers for a launch page that may be shown on an iPad. */
export const IPAD_PAGE_HEADERS = buildHeaders("'none'", `; script-src ${IPAD_SCRIPT_SOURCE}`);
/** Headers for pages with a form, which may be posted only to their own origin. */
export const FORM_PAGE_HEADERS = buildHeaders("'self'");

function buildHeaders(formAction: string, more = ""): Readonly<Record<string, string>> {
  return {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    vary: "accept-language",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'${more}`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
  };
}

/** Returns a whole page. */
export function buildPage(language: Language, title: string, body: Html): string {
  return markup`<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.toString();
}
