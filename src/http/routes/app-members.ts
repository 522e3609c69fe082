/**
 * Returns the data that a platform sends for its app, without `type`, by which the app distinguishes a ringing call
 * from an ended one.
 */
export function readAppMembers({ type: _type, ...data }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return data;
}
