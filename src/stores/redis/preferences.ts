import type { PreferencesPatch, PreferenceStore } from "../../gateway/preference-store.ts";
import type { EnableMode, Preferences } from "../../push/preferences.ts";
import { normaliseChat } from "./policy.ts";
import { readFields, type PushFields } from "./records.ts";
import { loadScript } from "./script.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";
import { compact } from "../../push/compact.ts";

export interface RedisPreferenceStoreDeps {
  readonly session: RedisSession;
  readonly keys: Keys;
}

const PATCH = loadScript("patch-preferences");
const COPY = loadScript("copy-preferences");

/**
 * A subscriber's preferences are in his shard. A domain's are in every shard, so that accept finds them beside the
 * subscriber's: the home shard is written first and numbers the change, and the others copy it if it is newer than
 * theirs.
 */
export function createRedisPreferenceStore({ session, keys }: RedisPreferenceStoreDeps): PreferenceStore {
  const homeKey = (owner: string) => keys.preferences(keys.shardOf(owner), owner);
  const read = async (owner: string) => readPreferences(await session.ask((client) => client.hgetall(homeKey(owner))));

  async function patch(owner: string, isCopied: boolean, changes: PreferencesPatch): Promise<PushFields> {
    const answer = await session.run(PATCH, [homeKey(owner)], [isCopied ? 1 : 0, ...writePatch(changes)]);
    return readFields(answer as string[]);
  }

  return {
    readSubscriber: read,
    readDomain: read,
    async patchSubscriber(subscriber, changes) {
      return readPreferences(await patch(subscriber, false, changes));
    },
    async patchDomain(domain, changes) {
      const { version = "0", ...fields } = await patch(domain, true, changes);
      const copy = [version, ...Object.entries(fields).flat()];
      const others = keys.shards.filter((shard) => shard !== keys.shardOf(domain));
      await Promise.all(others.map((shard) => session.run(COPY, [keys.preferences(shard, domain)], copy)));
      return readPreferences(fields);
    },
  };
}

/** Field by field: `=value` sets it, an empty text removes it. */
function writePatch({
  mobile_push_enable: enable,
  mobile_push_expiry: expiry,
  mobile_push_silent_list: silentList,
}: PreferencesPatch): string[] {
  const field = (name: string, value: string | number | null) => [name, value === null ? "" : `=${value}`];
  return [
    ...(enable === undefined ? [] : field("mobile_push_enable", enable)),
    ...(expiry === undefined ? [] : field("mobile_push_expiry", expiry)),
    ...(silentList === undefined ? [] : field("mobile_push_silent_list", silentList && JSON.stringify(silentList))),
    // The form that the accept script compares with.
    ...(silentList === undefined ? [] : field("muted", silentList && JSON.stringify(silentList.map(normaliseChat)))),
  ];
}

export function readPreferences(fields: PushFields): Preferences {
  const { mobile_push_enable: enable, mobile_push_expiry: expiry, mobile_push_silent_list: silentList } = fields;
  return compact({
    mobile_push_enable: enable === undefined ? undefined : (enable as EnableMode),
    mobile_push_expiry: expiry === undefined ? undefined : Number(expiry),
    mobile_push_silent_list: silentList === undefined ? undefined : (JSON.parse(silentList) as string[]),
  });
}
