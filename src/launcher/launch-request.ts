/**
 * The one `c` of a query, as it was written there: a plus sign is a plus sign, since Base64 has one and people forget to escape it.
 * Undefined if there is none, or more than one.
 */
export function readLinkParameter(rawQuery: string): string | undefined {
  const values = rawQuery.split("&").flatMap((part) => (part.startsWith("c=") ? [part.slice(2)] : []));
  const [value] = values;
  if (value === undefined || values.length > 1) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

const DESKTOP = /Windows NT|Macintosh|X11|CrOS/;
const PHONE = /Android|iPhone|iPad|iPod|Mobile/;

/** A browser that hardly has the app, and would show an error in the place of a redirect to it. */
export function isDesktopBrowser(userAgent: string | undefined): boolean {
  return userAgent !== undefined && DESKTOP.test(userAgent) && !PHONE.test(userAgent);
}
