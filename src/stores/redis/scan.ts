import { Cluster } from "ioredis";
import type { RedisSession } from "./session.ts";

const PAGE = 500;

/**
 * Yields pages of matching keys from every master. SCAN does not block Redis; it may return a key twice. Throws if a
 * node does not answer, or, if lost nodes are to be skipped, if none does.
 */
export async function* scanKeys(
  session: RedisSession,
  pattern: string,
  lost: "throw" | "skip lost nodes" = "throw",
): AsyncGenerator<readonly string[]> {
  const { client } = session;
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  let failures = 0;
  for (const node of nodes) {
    let cursor = "0";
    do {
      const at = cursor;
      try {
        const [next, found] = await session.ask(() => node.scan(at, "MATCH", pattern, "COUNT", PAGE));
        yield found;
        cursor = next;
      } catch (error) {
        failures += 1;
        if (lost === "throw" || failures === nodes.length) throw error;
        break;
      }
    } while (cursor !== "0");
  }
}

/** Returns a pattern that matches only this text. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]\\^]/g, String.raw`\$&`);
}
