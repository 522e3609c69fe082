import { Cluster } from "ioredis";
import type { RedisSession } from "./session.ts";

const PAGE = 500;

/** Pages of the keys that match, from every master. SCAN holds nobody up; it may name a key twice. */
export async function* scanKeys({ client, ask }: RedisSession, pattern: string): AsyncGenerator<readonly string[]> {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  for (const node of nodes) {
    let cursor = "0";
    do {
      const at = cursor;
      const [next, found] = await ask(() => node.scan(at, "MATCH", pattern, "COUNT", PAGE));
      yield found;
      cursor = next;
    } while (cursor !== "0");
  }
}

/** The text as a pattern that matches it alone. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]\\^]/g, String.raw`\$&`);
}
