export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
}

/** The values that stand one after the other; ends at the first that is cut off. */
export function readDer(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  let rest = bytes;
  while (rest.length >= 2) {
    const [tag = 0, first = 0] = rest;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (lengthBytes > 4 || rest.length < 2 + lengthBytes) break;
    const length = lengthBytes === 0 ? first : rest.readUIntBE(2, lengthBytes);
    const start = 2 + lengthBytes;
    if (rest.length < start + length) break;
    values.push({ tag, content: rest.subarray(start, start + length) });
    rest = rest.subarray(start + length);
  }
  return values;
}
