import { createHash } from "node:crypto";

/** What is laid out for a small screen first, in the colours of the reader's system. */
const STYLE = `
:root { color-scheme: light dark; --accent: #0b57d0; --on-accent: #fff; --line: #c4c7c5; }
@media (prefers-color-scheme: dark) { :root { --accent: #a8c7fa; --on-accent: #062e6f; --line: #5f6368; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem; font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 27rem; margin: 0 auto; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
.button { display: block; width: 100%; min-height: 3rem; padding: .75rem 1rem; border: 0; border-radius: .75rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }
.button:focus-visible, a:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.qr { display: block; width: 100%; max-width: 16rem; height: auto; margin: 0 auto; border-radius: .75rem; }
figure { margin: 1.5rem 0; padding-top: 1.5rem; border-top: 1px solid var(--line); }
figcaption { margin-bottom: 1rem; }
ul { margin: 1.5rem 0 0; padding: 1.5rem 0 0; border-top: 1px solid var(--line); list-style: none; }
li { margin-bottom: .5rem; }
li a { display: inline-block; padding: .5rem 0; color: var(--accent); }
`;

const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");

/** For every page: nothing is loaded, framed, kept, or told to where a link leads. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex",
};

/** A whole page; `title` is text, `body` is HTML. */
export function buildPage(title: string, body: string): string {
  const shown = escapeHtml(title);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${shown}</title>
<style>${STYLE}</style>
<body>
<main>
<h1>${shown}</h1>
${body}
</main>
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For text, and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
