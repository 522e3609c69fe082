import type { Launch } from "./launch-app.ts";
import type { Texts } from "./languages/texts.ts";
import { buildPage, escapeHtml } from "./page.ts";
import { buildQrSvg } from "./qr-code.ts";

/**
 * Page for a browser that cannot open the app itself: a button, a QR code for the phone's camera, and links to the app
 * stores. `script` is HTML at its end.
 */
export function buildLaunchPage({ app, location }: Launch, texts: Texts, script = ""): string {
  const { language, launch } = texts;
  const name = escapeHtml(app.name);
  const stores = [
    [launch.getFromApple(name), app.stores.apple],
    [launch.getFromGoogle(name), app.stores.google],
  ].flatMap(([text, url]) =>
    url === undefined ? [] : [`<li><a href="${escapeHtml(url)}" rel="noreferrer">${text}</a></li>`],
  );
  const list = stores.length === 0 ? "" : `<ul>\n${stores.join("\n")}\n</ul>`;
  return buildPage(
    language,
    launch.title(app.name),
    `<p>${launch.intro(name)}</p>
<p><a class="button" href="${escapeHtml(location)}">${launch.open}</a></p>
<figure>
<figcaption>${launch.pointCamera}</figcaption>
${buildQrSvg(location, launch.qrCode)}
</figure>
${list}${script}`,
  );
}

/** Page for a link that is truncated, changed, or made for another app. */
export function buildBadLinkPage({ language, badLink }: Texts): string {
  return buildPage(language, badLink.title, `<p>${badLink.why}</p>\n<p>${badLink.what}</p>`);
}

export function buildTooManyPage({ language, tooManyLinks }: Texts): string {
  return buildPage(language, tooManyLinks.title, `<p>${tooManyLinks.what}</p>`);
}
