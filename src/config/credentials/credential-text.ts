import { decodeBase64, withoutWrapping } from "./recognise-secret.ts";

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;
const LINE = /.{1,64}/g;

/**
 * The text of a credential as OpenSSL wants it, from the forms that editors, panels and `.env` files make of it: with a byte order
 * mark, CRLF, quotes, `\n` in two characters, indented, on one line, in base64. PEM has no backslash, so none of them is ambiguous.
 */
export function readCredentialText(bytes: Buffer): string {
  const text = withoutWrapping(decode(bytes));
  const decoded = decodeBase64(text)?.toString("latin1").trim();
  const isWrapped = decoded !== undefined && (decoded.startsWith("-----BEGIN ") || decoded.startsWith("{"));
  return unfoldPem(isWrapped ? decoded : text);
}

/** Restores the lines of PEM blocks; leaves JSON as it is. */
export function unfoldPem(text: string): string {
  if (text.startsWith("{") || !text.includes("-----BEGIN ")) return text;
  const lines = text.replaceAll(/\\r\\n|\\n|\\r|\r\n?/g, "\n");
  return lines.replaceAll(
    PEM_BLOCK,
    (_, label: string, body: string) => `-----BEGIN ${label}-----\n${foldBody(body)}\n-----END ${label}-----`,
  );
}

/** Headers (`Proc-Type: 4,ENCRYPTED`) stand before an empty line, and only on lines of their own. */
function foldBody(body: string): string {
  if (body.includes(":")) return body.replaceAll(/^[ \t]+|[ \t]+$/gm, "").replaceAll(/^\n|\n$/g, "");
  return body.replaceAll(/\s/g, "").match(LINE)?.join("\n") ?? "";
}

function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff && bytes.length % 2 === 0)
    return Buffer.from(bytes).swap16().toString("utf16le");
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return (hasMark ? bytes.subarray(3) : bytes).toString("latin1");
}
