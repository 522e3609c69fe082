/** The data that a platform sends for its app, without `type`: by that the app tells a call that rings from one that has ended. */
export function readAppMembers({ type: _type, ...data }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return data;
}
