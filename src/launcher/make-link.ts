import { compact } from "../push/compact.ts";
import { OperatorError } from "../push/operator-error.ts";
import type { LaunchApp } from "./launch-app.ts";
import type { LaunchCredentials } from "./launch-credentials.ts";
import { decodeLink, encodeLink, UnlinkableError } from "./link.ts";

/** A link in all its forms. */
export interface MadeLink {
  /** Base64. */
  readonly link: string;
  /** The same, escaped for a URL. */
  readonly escaped: string;
  /** URL that opens the app. */
  readonly appUrl: string;
  /** URL of the launch handler; missing if its address is unknown. */
  readonly url?: string;
}

/** Makes a link. `handler` is the URL of the launch handler. Throws an `OperatorError` if a value does not fit in a link. */
export function makeLink(
  credentials: LaunchCredentials,
  { secret, scheme }: Pick<LaunchApp, "secret" | "scheme">,
  handler: string | undefined,
): MadeLink {
  const link = encode(credentials, secret);
  const escaped = encodeURIComponent(link);
  const url = handler === undefined ? undefined : `${handler}?c=${escaped}`;
  return compact({ link, escaped, appUrl: `${scheme}://${link}`, url });
}

function encode(credentials: LaunchCredentials, secret: LaunchApp["secret"]): string {
  try {
    return encodeLink(credentials, secret);
  } catch (error) {
    if (!(error instanceof UnlinkableError)) throw error;
    throw new OperatorError(error.code, error.message, {
      mend: `Give the subscriber another ${error.field}.`,
      cause: error,
    });
  }
}

/**
 * Reads a link: Base64, or a URL that contains it, escaped or not. Throws an `OperatorError` if no app's key decrypts
 * it.
 */
export function readLink(text: string, apps: readonly Pick<LaunchApp, "secret">[]): LaunchCredentials {
  const link = extractLink(text.trim());
  const credentials = apps.map(({ secret }) => decodeLink(link, secret)).find((found) => found !== undefined);
  if (credentials !== undefined) return credentials;
  throw new OperatorError("bad_link", "The link is incomplete, or it was made with another key.", {
    mend: "Give the Base64 or the address, whole; and --config FILE if the app has a key of its own.",
  });
}

/** Extracts the Base64 from `https://…/p?c=…` or `sipphone://…`, escaped or not. */
function extractLink(text: string): string {
  const bare = /[?&]c=([^&#]*)/.exec(text)?.[1] ?? text.replace(/^[a-z][a-z0-9+.-]*:\/\//, "");
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}
