/** Parses a provider's answer. Proxies and front ends answer in HTML, or in other JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readMember(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

export function readText(value: unknown, name: string): string | undefined {
  const member = readMember(value, name);
  return typeof member === "string" ? member.slice(0, 4096) : undefined;
}
