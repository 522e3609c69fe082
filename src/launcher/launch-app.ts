import type { LaunchCredentials } from "./launch-credentials.ts";
import { decodeLink, isLink, type LinkSecret } from "./link.ts";

/** How to open links of one domain, or of all domains without an entry of their own. */
export interface LaunchApp {
  /** Undefined for the app of all domains that no other app names. */
  readonly domain: string | undefined;
  readonly paths: readonly string[];
  /** URL scheme of the app, such as `sipphone`. */
  readonly scheme: string;
  readonly secret: LinkSecret;
  readonly name: string;
  readonly stores: { readonly apple?: string; readonly google?: string };
}

export interface Launch {
  readonly app: LaunchApp;
  /**
   * URL that opens the app: its scheme and a canonical link. It cannot contain anything else, so it is safe in a header
   * or a page.
   */
  readonly location: string;
  readonly credentials: LaunchCredentials;
}

/** Returns the app and credentials of a link, or undefined if the gateway cannot have made the link for this path. */
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

/** Returns the app of a domain, or undefined. */
export function findApp<App extends Pick<LaunchApp, "domain">>(apps: readonly App[], server: string): App | undefined {
  const domain = server.toLowerCase();
  return apps.find((app) => app.domain === domain) ?? apps.find((app) => app.domain === undefined);
}
