import type { Launch } from "./launch-app.ts";
import { buildPage, escapeHtml } from "./page.ts";
import { buildQrSvg } from "./qr-code.ts";

/**
 * Page for a browser that cannot open the app itself: a button, a QR code for the phone's camera, and links to the app
 * stores. `script` is HTML at its end.
 */
export function buildLaunchPage({ app, location }: Launch, script = ""): string {
  const name = escapeHtml(app.name);
  const stores = [
    ["the App Store", app.stores.apple],
    ["Google Play", app.stores.google],
  ].flatMap(([store, url]) =>
    url === undefined ? [] : [`<li><a href="${escapeHtml(url)}" rel="noreferrer">Get ${name} from ${store}</a></li>`],
  );
  const list = stores.length === 0 ? "" : `<ul>\n${stores.join("\n")}\n</ul>`;
  return buildPage(
    `Open ${app.name}`,
    `<p>This link sets ${name} up with your account.</p>
<p><a class="button" href="${escapeHtml(location)}">Open the app</a></p>
<figure>
<figcaption>Is the app on your phone? Point the phone’s camera here.</figcaption>
${buildQrSvg(location, "QR code that opens the app on your phone")}
</figure>
${list}${script}`,
  );
}

/** Page for a link that is truncated, changed, or made for another app. */
export function buildBadLinkPage(): string {
  return buildPage(
    "This link does not work",
    `<p>It is not complete, or it was made for another app.</p>
<p>Open it from the message once more, whole, or ask for a new one.</p>`,
  );
}

export function buildTooManyPage(): string {
  return buildPage(
    "Please wait a moment",
    "<p>Too many links were opened from your network. Try again in a minute.</p>",
  );
}
