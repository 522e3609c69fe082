import { isUtf8 } from "node:buffer";

/** Characters of Windows-1252 where Latin-1 has control characters; five positions are unused. */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/**
 * Reads UTF-8. Other bytes are read as Windows-1252, which assigns a meaning to any bytes, so a name can never cost a
 * call.
 */
export function decodeText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return bytes.toString("latin1").replace(/[\x80-\x9f]/g, (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80] ?? char);
}

/** Decodes a whole body, without the byte order mark that some programs write before UTF-8. */
export function decodeBody(body: Uint8Array): string {
  return decodeText(Buffer.from(body.buffer, body.byteOffset, body.byteLength)).replace(/^\uFEFF/, "");
}

/** Decodes text of one character per byte, the form in which Node returns headers. */
export function decodeBytes(latin1: string): string {
  return decodeText(Buffer.from(latin1, "latin1"));
}
