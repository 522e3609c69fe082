/** Returns the size of a JSON member in bytes, with the comma before it. */
export function jsonMemberBytes(name: string, value: string): number {
  return Buffer.byteLength(JSON.stringify(name)) + Buffer.byteLength(JSON.stringify(value)) + 2;
}

/** Returns the size of a member whose name and value are counted unencoded. */
export function plainMemberBytes(name: string, value: string): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value);
}
