/** The few pieces of DER (X.690) that certificates like Apple's need: just enough to write one and to read its extensions. */
export const DER_TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export interface DerNode {
  readonly tag: number;
  readonly value: Buffer;
}

export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), encodeLength(value.length), value]);
}

export function encodeSequence(...contents: readonly Uint8Array[]): Buffer {
  return encodeDer(DER_TAG.sequence, ...contents);
}

export function encodeUtf8(text: string): Buffer {
  return encodeDer(DER_TAG.utf8String, Buffer.from(text, "utf8"));
}

export function encodeOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => encodeArc(arc));
  return encodeDer(DER_TAG.objectIdentifier, Buffer.from(bytes));
}

/** A positive INTEGER from its big-endian bytes. */
export function encodeInteger(bytes: Uint8Array): Buffer {
  const needsSignByte = (bytes[0] ?? 0) > 0x7f;
  return encodeDer(DER_TAG.integer, needsSignByte ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function encodeBitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return encodeDer(DER_TAG.bitString, Buffer.from([unusedBits]), bytes);
}

/** YYYYMMDDHHMMSSZ: DER forbids fractions of a second. */
export function encodeTime(at: Date): Buffer {
  const digits = at
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/\D/g, "");
  return encodeDer(DER_TAG.generalizedTime, Buffer.from(`${digits}Z`, "latin1"));
}

export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** The values that lie one after the other in `bytes`; throws a RangeError where they are cut off. */
export function readDer(bytes: Buffer): readonly DerNode[] {
  const nodes: DerNode[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const { length, valueAt } = readLength(bytes, offset + 1);
    const end = valueAt + length;
    if (end > bytes.length) throw new RangeError(`DER value at byte ${offset} ends behind the last byte`);
    nodes.push({ tag: bytes.readUInt8(offset), value: bytes.subarray(valueAt, end) });
    offset = end;
  }
  return nodes;
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function encodeArc(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return bytes;
}

function readLength(bytes: Buffer, offset: number): { length: number; valueAt: number } {
  const first = bytes.readUInt8(offset);
  if (first < 0x80) return { length: first, valueAt: offset + 1 };
  const count = first & 0x7f;
  return { length: bytes.readUIntBE(offset + 1, count), valueAt: offset + 1 + count };
}
