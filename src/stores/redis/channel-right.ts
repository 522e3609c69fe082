import { RedisStoreError } from "./redis-error.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/**
 * Returns a sentence for the operator if this user may not publish, otherwise undefined. No gateway subscribes to the
 * channel used for the test.
 */
export async function describeMissingChannelFixtureht(session: RedisSession, keys: Keys): Promise<string | undefined> {
  try {
    await session.ask((client) => client.publish(`${keys.prefix}right-to-publish`, ""));
    return undefined;
  } catch (error) {
    if (!(error instanceof RedisStoreError) || error.code !== "access_denied") return undefined;
    return (
      `${session.where} does not allow this user to publish to ${keys.prefix}*: gateways learn a few seconds late that calls and pushes of others have ended. ` +
      `Add the right: ACL SETUSER <user> +@pubsub &${keys.prefix}*.`
    );
  }
}
