/** Bytes of a member of a JSON object, with the comma before it. */
export function jsonMemberBytes(name: string, value: string): number {
  return Buffer.byteLength(JSON.stringify(name)) + Buffer.byteLength(JSON.stringify(value)) + 2;
}

/** Bytes of a member where name and value are counted as they are. */
export function plainMemberBytes(name: string, value: string): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value);
}
