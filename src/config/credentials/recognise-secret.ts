// Recognises credentials in a text, so that one given instead of a path or a name is never shown.

/** A credential that a text plainly is. */
export type SecretKind =
  | "private key"
  | "certificate"
  | "PEM text"
  | "service account"
  | "JSON text"
  | "server key"
  | "piece of a key";

const SERVER_KEY = /^(?:key=)?(?:AAAA[\w-]{3,}:[\w-]{5,}|AIza[\w-]{20,})$/;
const JSON_OBJECT = /^\{[\s\S]*"[\w]+"\s*:/;
/** A PEM block's lines without the first and the last. */
const KEY_LINES = /^(?:[A-Za-z0-9+/=]{24,}\s+)+[A-Za-z0-9+/=]+$/;
/** Long, without dots and of mixed characters, as keys are and paths are not. */
const LONG_RUN = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+_=-][A-Za-z0-9+/_=-]{39,}$/;
const BASE64 = /^[A-Za-z0-9+/_-]{40,}={0,2}$/;
const DER_SEQUENCE = 0x30;
/** In front of a length of one or two bytes; in front of none, the length is the second byte. */
const DER_LENGTHS: ReadonlySet<number> = new Set([0x81, 0x82]);

export function recogniseSecret(text: string): SecretKind | undefined {
  const found = recognisePlain(withoutWrapping(text));
  if (found !== undefined) return found;
  const decoded = decodeBase64(text);
  if (decoded === undefined) return undefined;
  if (looksLikeDer(decoded)) return "private key";
  const inside = recognisePlain(decoded.toString("latin1").trim());
  return inside ?? (KEY_LINES.test(text.trim()) ? "piece of a key" : undefined);
}

/** Returns true if a text could be a secret. Such a text is hidden; it is refused only if it is recognised. */
export function mayBeSecret(text: string): boolean {
  const bare = text.trim();
  return recogniseSecret(bare) !== undefined || /[\r\n]/.test(bare) || LONG_RUN.test(bare);
}

/** A path or another value as an output may show it. */
export function hideIfSecret(text: string): string {
  if (!mayBeSecret(text)) return text;
  return `(${recogniseSecret(text) ?? "a value that looks like a secret"}, not shown)`;
}

const PRIVATE_KEYS = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g;
const SERVER_KEYS = /\bAAAA[\w-]{3,}:[\w-]{5,}|\bAIza[\w-]{20,}/g;
const KEY_MEMBERS = /("private_key"\s*:\s*)"(?:[^"\\]|\\[\s\S])*"?/g;

/** A text for people without the keys in it. */
export function hideKeys(text: string): string {
  return text
    .replaceAll(KEY_MEMBERS, '$1"(not shown)"')
    .replaceAll(PRIVATE_KEYS, "(private key, not shown)")
    .replaceAll(SERVER_KEYS, "(server key, not shown)");
}

/** Undefined unless the text is base64 and nothing else. */
export function decodeBase64(text: string): Buffer | undefined {
  const compact = text.replaceAll(/\s/g, "");
  return BASE64.test(compact) ? Buffer.from(compact, "base64") : undefined;
}

/** Without what panels and editors put around a text: a byte order mark, blanks, quotes. */
export function withoutWrapping(text: string): string {
  const bare = text.replace(/^\uFEFF/, "").trim();
  const quoted = /^(["'])([\s\S]*)\1$/.exec(bare)?.[2];
  return quoted === undefined ? bare : quoted.trim();
}

function recognisePlain(text: string): SecretKind | undefined {
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text) && !text.startsWith("{")) return "private key";
  if (/-----BEGIN [A-Z0-9 ]*CERTIFICATE-/.test(text)) return "certificate";
  if (/"private_key"\s*:|"service_account"/.test(text)) return "service account";
  if (text.includes("-----BEGIN ")) return "PEM text";
  if (JSON_OBJECT.test(text)) return "JSON text";
  return SERVER_KEY.test(text) ? "server key" : undefined;
}

function looksLikeDer(bytes: Buffer): boolean {
  const [tag, length = 0] = bytes;
  return tag === DER_SEQUENCE && (DER_LENGTHS.has(length) || length === bytes.length - 2);
}
