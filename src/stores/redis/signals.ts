import { createClient, type OpenClient, type RedisClient } from "./client.ts";
import type { RedisConnection } from "./redis-options.ts";

/** Messages between gateways through Redis. */
export interface Signals extends AsyncDisposable {
  readonly watch: (channel: string, listen: (message: string) => void) => Disposable;
  /** Sets the login for the next connection. */
  readonly renewLogin: (connection: RedisConnection) => void;
}

/** A channel may be quiet for long, so silence does not mean a dead connection here. Waiters poll as well. */
const NO_SILENCE_LIMIT = undefined;
const RETRY_MS = 1_000;

/** Connects with the first watcher, on a separate connection, as Redis requires for subscriptions. */
export function createSignals(connection: RedisConnection): Signals {
  const channels = new Map<string, Set<(message: string) => void>>();
  let current = connection;
  let opened: OpenClient | undefined;
  let isReady = false;
  let retry: NodeJS.Timeout | undefined;

  function hear(channel: string, message: string): void {
    for (const listen of channels.get(channel) ?? []) listen(message);
  }

  /** ioredis subscribes again after a lost connection, but not if the first attempt failed. */
  function subscribe(to: RedisClient): void {
    to.subscribe(...channels.keys()).catch(() => {
      if (opened?.client !== to) return;
      clearTimeout(retry);
      retry = setTimeout(() => subscribe(to), RETRY_MS).unref();
    });
  }

  function open(): OpenClient {
    const created = createClient(current, NO_SILENCE_LIMIT);
    const { client } = created;
    // The commands of the other connection report relevant errors.
    client.on("error", () => undefined);
    client.on("message", hear);
    client.once("ready", () => {
      isReady = true;
      subscribe(client);
    });
    client.connect().catch(() => undefined);
    return created;
  }

  return {
    watch(channel, listen) {
      const listeners = channels.get(channel);
      channels.set(channel, (listeners ?? new Set()).add(listen));
      opened ??= open();
      if (listeners === undefined && isReady) subscribe(opened.client);
      return { [Symbol.dispose]: () => void channels.get(channel)?.delete(listen) };
    },
    renewLogin(renewed) {
      current = renewed;
      opened?.renewLogin(renewed);
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(retry);
      opened?.client.disconnect();
      opened = undefined;
    },
  };
}
