import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

/** Values derived from the sign-up's secret. Each use has its own key. */
export interface SignUpSecrets {
  /** Names of customer and subscriber in NGCP, always the same for one contact. */
  externalId(contact: string): string;
  username(contact: string): string;
  /** Password of one sign-up, the same however often its last step is repeated. */
  password(ticketId: string): string;
  /** Token that matches exactly this cookie. */
  formToken(cookie: string): string;
  isFormToken(cookie: string, token: string): boolean;
  /** Encrypts and authenticates a value for transport through the browser. */
  seal(value: unknown): string;
  /** Returns undefined for a text that was not sealed with this secret. */
  open(sealed: string): unknown;
}

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const LONGEST_SEALED = 4096;

/** Without characters that are easily confused, in case the text has to be typed. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz";
const ALPHABET = `${LETTERS}ABCDEFGHJKLMNPQRSTUVWXYZ23456789`;
const USERNAME_LENGTH = 10;

export function createSignUpSecrets(secret: string): SignUpSecrets {
  const deriveKey = (use: string): Buffer =>
    Buffer.from(hkdfSync("sha256", secret, "", `sip-pushd sign-up ${use}`, 32));
  const sealKey = deriveKey("ticket");
  const digest = (use: string, text: string): Buffer => createHmac("sha256", deriveKey(use)).update(text).digest();
  const formToken = (cookie: string): string => digest("form", cookie).toString("base64url");
  return {
    externalId: (contact) => `sip-pushd-${digest("external id", contact).toString("hex").slice(0, 32)}`,
    username: (contact) => spell(digest("username", contact), LETTERS, USERNAME_LENGTH),
    password: (ticketId) => buildPassword(digest("password", ticketId)),
    formToken,
    isFormToken(cookie, token) {
      const [expected, given] = [Buffer.from(formToken(cookie)), Buffer.from(token)];
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
    seal(value) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, sealKey, iv);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
    },
    open: (sealed) => open(sealKey, sealed),
  };
}

function open(key: Buffer, text: string): unknown {
  const bytes = Buffer.from(text.slice(0, LONGEST_SEALED), "base64url");
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    return JSON.parse(plain.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Contains at least one character of each class, as platforms may require: `aB3xxxxx-xxx`. */
function buildPassword(digest: Buffer): string {
  const rest = spell(digest.subarray(3), ALPHABET, 8);
  const first = pick(LETTERS, digest[0]) + pick(LETTERS, digest[1]).toUpperCase() + pick("23456789", digest[2]);
  return `${first}${rest.slice(0, 5)}-${rest.slice(5)}`;
}

function spell(digest: Buffer, alphabet: string, length: number): string {
  return Array.from({ length }, (_, index) => pick(alphabet, digest[index])).join("");
}

function pick(alphabet: string, byte = 0): string {
  return alphabet.charAt(byte % alphabet.length);
}
