import type { Launch } from "./launch-app.ts";
import type { Texts } from "./languages/texts.ts";
import { markup, type Html } from "./markup.ts";
import { buildPage } from "./page.ts";
import { buildQrSvg } from "./qr-code.ts";

/**
 * Page for a browser that cannot open the app itself: a button, a QR code for the phone's camera, and links to the app
 * stores. `script` stands at its end.
 */
export function buildLaunchPage({ app, location }: Launch, texts: Texts, script?: Html): string {
  const { language, launch } = texts;
  const stores = [
    [launch.getFromApple(app.name), app.stores.apple],
    [launch.getFromGoogle(app.name), app.stores.google],
  ].flatMap(([text, url]) =>
    url === undefined ? [] : [markup`<li><a href="${url}" rel="noreferrer">${text}</a></li>`],
  );
  const list = stores.length === 0 ? undefined : markup`<ul>\n${stores}\n</ul>`;
  return buildPage(
    language,
    launch.title(app.name),
    markup`<p>${launch.intro(app.name)}</p>
<p><a class="button" href="${location}">${launch.open}</a></p>
<figure>
<figcaption>${launch.pointCamera}</figcaption>
${buildQrSvg(location, launch.qrCode)}
</figure>
${list}${script}`,
  );
}

/** Page for a link that is truncated, changed, or made for another app. */
export function buildBadLinkPage({ language, badLink }: Texts): string {
  return buildPage(language, badLink.title, markup`<p>${badLink.why}</p>\n<p>${badLink.what}</p>`);
}

export function buildTooManyPage({ language, tooManyLinks }: Texts): string {
  return buildPage(language, tooManyLinks.title, markup`<p>${tooManyLinks.what}</p>`);
}
