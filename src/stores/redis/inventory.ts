import type { Inventory, InventoryEntry } from "../../gateway/inventory.ts";
import type { Aor } from "../../push/address.ts";
import type { Preferences } from "../../push/preferences.ts";
import { askWhoAnswers } from "./ask-shards.ts";
import { readPreferences } from "./preferences.ts";
import { escapeGlob, scanKeys } from "./scan.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

export interface RedisInventoryDeps {
  readonly session: RedisSession;
  readonly keys: Keys;
}

export function createRedisInventory({ session, keys }: RedisInventoryDeps): Inventory {
  /** Yields the part of each key after `:kind:`, in all shards, with its shard. */
  async function* scan(kind: "devices" | "preferences"): AsyncGenerator<{ shard: string; owner: string }[]> {
    const pattern = `${escapeGlob(keys.prefix)}{q*}:${kind}:*`;
    for await (const found of scanKeys(session, pattern, "skip lost nodes"))
      yield found.flatMap((key) => readKey(key, kind) ?? []);
  }

  const readOf = async (shard: string, owner: string): Promise<Preferences> =>
    readPreferences(await session.ask((client) => client.hgetall(keys.preferences(shard, owner))));

  async function readEntry(subscriber: Aor): Promise<InventoryEntry> {
    const devices = await session.ask((client) => client.hlen(keys.devices(subscriber)));
    return { subscriber, devices, preferences: await readOf(keys.shardOf(subscriber), subscriber) };
  }

  return {
    async *subscribers() {
      const seen = new Set<string>();
      for (const kind of ["devices", "preferences"] as const) {
        for await (const page of scan(kind)) {
          const owners = page.map(({ owner }) => owner).filter((owner) => owner.includes("@") && !seen.has(owner));
          for (const owner of owners) seen.add(owner);
          yield* await askWhoAnswers([...new Set(owners)].map((owner) => readEntry(owner as Aor)));
        }
      }
    },
    async domains() {
      const domains = new Set<string>();
      for await (const page of scan("preferences")) {
        // Every shard has a copy of a domain's preferences. Only the one in the home shard counts.
        for (const { shard, owner } of page) {
          if (!owner.includes("@") && shard === keys.shardOf(owner)) domains.add(owner);
        }
      }
      return askWhoAnswers(
        [...domains].map(async (domain) => ({ domain, preferences: await readOf(keys.shardOf(domain), domain) })),
      );
    },
  };
}

function readKey(key: string, kind: string): { shard: string; owner: string } | undefined {
  const [, shard, owner] = new RegExp(`^(.*:\\{q\\d+\\}):${kind}:(.*)$`, "s").exec(key) ?? [];
  return shard === undefined || owner === undefined ? undefined : { shard, owner };
}
