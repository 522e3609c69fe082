/**
 * Returns the only `c` of a query, undecoded, or undefined if there is none or more than one. A plus sign stays a plus
 * sign, because Base64 contains it and people forget to escape it.
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

/** Returns true for a browser that calls itself a Macintosh, which may be an iPad. */
export function mayBeIpad(userAgent: string | undefined): boolean {
  return userAgent !== undefined && userAgent.includes("Macintosh");
}

const DESKTOP = /Windows NT|Macintosh|X11|CrOS/;
const PHONE = /Android|iPhone|iPad|iPod|Mobile/;

/**
 * Returns true for a browser that probably has no app, and would show an error instead of following a redirect to it.
 */
export function isDesktopBrowser(userAgent: string | undefined): boolean {
  return userAgent !== undefined && DESKTOP.test(userAgent) && !PHONE.test(userAgent);
}
