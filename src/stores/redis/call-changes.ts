import type { CallBook, CallChange } from "../../gateway/call-book.ts";
import { createClient, type RedisClient } from "./client.ts";
import type { RedisConnection } from "./redis-options.ts";

export interface CallChanges extends AsyncDisposable {
  readonly watch: CallBook["watch"];
}

/** A subscriber hears nothing for long: silence is no sign of a dead connection here, and who waits looks by itself, too. */
const NO_SILENCE_LIMIT = undefined;
const RETRY_MS = 1_000;

/** Hears what all gateways tell of their calls. Connects with the first who watches; a connection of its own, as Redis wants it. */
export function createCallChanges(connection: RedisConnection, channel: string): CallChanges {
  const listeners = new Set<(change: CallChange) => void>();
  let client: RedisClient | undefined;
  let retry: NodeJS.Timeout | undefined;

  function hear(_channel: string, message: string): void {
    const change = JSON.parse(message) as CallChange;
    for (const listener of listeners) listener(change);
  }

  /** ioredis subscribes again by itself after a lost connection, but not where the first try has failed. */
  function subscribe(to: RedisClient): void {
    to.subscribe(channel).catch(() => {
      if (client === to) retry = setTimeout(() => subscribe(to), RETRY_MS).unref();
    });
  }

  function open(): RedisClient {
    const opened = createClient(connection, NO_SILENCE_LIMIT);
    // What matters of its errors, the commands of the other connection say.
    opened.on("error", () => undefined);
    opened.on("message", hear);
    opened.once("ready", () => subscribe(opened));
    opened.connect().catch(() => undefined);
    return opened;
  }

  return {
    watch(onChange) {
      client ??= open();
      listeners.add(onChange);
      return { [Symbol.dispose]: () => void listeners.delete(onChange) };
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(retry);
      client?.disconnect();
      client = undefined;
    },
  };
}
