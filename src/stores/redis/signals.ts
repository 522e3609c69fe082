import { createClient, type RedisClient } from "./client.ts";
import type { RedisConnection } from "./redis-options.ts";

/** What gateways tell one another by way of Redis. */
export interface Signals extends AsyncDisposable {
  readonly watch: (channel: string, listen: (message: string) => void) => Disposable;
}

/** A channel may be quiet for long: silence is no sign of a dead connection here, and who waits looks by itself, too. */
const NO_SILENCE_LIMIT = undefined;
const RETRY_MS = 1_000;

/** Connects with the first watcher; a connection of its own, as Redis wants it. */
export function createSignals(connection: RedisConnection): Signals {
  const channels = new Map<string, Set<(message: string) => void>>();
  let client: RedisClient | undefined;
  let isReady = false;
  let retry: NodeJS.Timeout | undefined;

  function hear(channel: string, message: string): void {
    for (const listen of channels.get(channel) ?? []) listen(message);
  }

  /** ioredis subscribes again by itself after a lost connection, but not where the first try has failed. */
  function subscribe(to: RedisClient): void {
    to.subscribe(...channels.keys()).catch(() => {
      if (client !== to) return;
      clearTimeout(retry);
      retry = setTimeout(() => subscribe(to), RETRY_MS).unref();
    });
  }

  function open(): RedisClient {
    const opened = createClient(connection, NO_SILENCE_LIMIT);
    // What matters of its errors, the commands of the other connection say.
    opened.on("error", () => undefined);
    opened.on("message", hear);
    opened.once("ready", () => {
      isReady = true;
      subscribe(opened);
    });
    opened.connect().catch(() => undefined);
    return opened;
  }

  return {
    watch(channel, listen) {
      const listeners = channels.get(channel);
      channels.set(channel, (listeners ?? new Set()).add(listen));
      client ??= open();
      if (listeners === undefined && isReady) subscribe(client);
      return { [Symbol.dispose]: () => void channels.get(channel)?.delete(listen) };
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(retry);
      client?.disconnect();
      client = undefined;
    },
  };
}
