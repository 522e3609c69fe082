import type { LaunchCredentials } from "./launch-credentials.ts";
import { decodeLink, isLink, type LinkSecret } from "./link.ts";

/** How links of one domain are opened, or of all that have no entry of their own. */
export interface LaunchApp {
  /** Undefined: every domain that no other app names. */
  readonly domain: string | undefined;
  readonly paths: readonly string[];
  /** Of the app's own URLs, e.g. `sipphone`. */
  readonly scheme: string;
  readonly secret: LinkSecret;
  readonly name: string;
  readonly stores: { readonly apple?: string; readonly google?: string };
}

export interface Launch {
  readonly app: LaunchApp;
  /** For the app: its scheme and a link of the one spelling, so that nothing else can stand in a header or a page. */
  readonly location: string;
  readonly credentials: LaunchCredentials;
}

/** The app that a link is for; undefined if it is none that we could have made for this path. */
export function findLaunch(apps: readonly LaunchApp[], path: string, link: string): Launch | undefined {
  if (!isLink(link)) return undefined;
  for (const app of apps.filter(({ paths }) => paths.includes(path))) {
    const credentials = decodeLink(link, app.secret);
    if (credentials !== undefined && app === findApp(apps, credentials.server)) {
      return { app, credentials, location: `${app.scheme}://${link}` };
    }
  }
  return undefined;
}

/** The app of a domain. */
export function findApp<App extends Pick<LaunchApp, "domain">>(apps: readonly App[], server: string): App | undefined {
  const domain = server.toLowerCase();
  return apps.find((app) => app.domain === domain) ?? apps.find((app) => app.domain === undefined);
}
