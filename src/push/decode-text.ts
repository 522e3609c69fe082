import { isUtf8 } from "node:buffer";

/** What Windows-1252 has where Latin-1 has control characters; five of its places are empty. */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Reads UTF-8. Other bytes are read as Windows-1252, which gives every text a meaning: a name never costs a call. */
export function decodeText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return bytes.toString("latin1").replace(/[\x80-\x9f]/g, (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80] ?? char);
}

/** A whole body, without the mark that some programs put before UTF-8. */
export function decodeBody(body: Uint8Array): string {
  return decodeText(Buffer.from(body.buffer, body.byteOffset, body.byteLength)).replace(/^\uFEFF/, "");
}

/** Text of one character per byte, as Node hands over headers. */
export function decodeBytes(latin1: string): string {
  return decodeText(Buffer.from(latin1, "latin1"));
}
