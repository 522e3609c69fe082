import { shortenToken } from "../push/device.ts";

const PEM = /-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g;
const URL_USER_INFO = /\/\/[^\s/@"']*@/g;
const CREDENTIALS =
  /\b(?:bearer|basic)\s+[^\s,;"']+|\b(?:key|token|secret|password|passphrase|authorization)=[^\s,;&"']+/gi;
const LONG_RUN = /[A-Za-z0-9+/_=:-]{24,}/g;
/** Every text with one of the above has one of these. */
const SUSPICIOUS = /[\d=@]|-----|bearer|basic/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Shortens everything in a free text, such as a provider's reason, that looks like a key, token or password. It cannot
 * recognise the text of a message, which is why no event carries one.
 */
export function maskSecrets(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replaceAll(PEM, "[PEM]")
    .replaceAll(URL_USER_INFO, "//…@")
    .replaceAll(CREDENTIALS, (found) => `${found.split(/[\s=]/, 1)[0]} …`)
    .replaceAll(LONG_RUN, maskRun);
}

/** Paths, words without a digit and UUIDs (push ids) are long but harmless. */
function maskRun(run: string): string {
  if (run.startsWith("/")) return run.split("/").map(maskWord).join("/");
  return maskWord(run);
}

function maskWord(word: string): string {
  return word.length < 24 || UUID.test(word) || !/\d/.test(word) ? word : shortenToken(word);
}
