import { isDeepStrictEqual } from "node:util";
import type { GuardedProvider } from "../gateway/push-provider.ts";
import type { Sleep } from "../gateway/sleep.ts";

/** An app as it should run. */
export interface WantedApp {
  /** Unique name of the app. */
  readonly key: string;
  /** Everything that decides how it runs. While it is unchanged, the app stays open. */
  readonly settings: unknown;
  readonly open: () => OpenApp;
}

export interface OpenApp {
  readonly provider: GuardedProvider;
  /** Called as soon as the app is replaced or removed. */
  readonly leave: () => void;
}

interface RunningApp extends OpenApp {
  readonly settings: unknown;
  /** Resolves as soon as no attempt is in flight. */
  readonly idle: () => Promise<void>;
}

/** Longer than any attempt may take. */
const PATIENCE_MS = 30_000;

/**
 * Providers of all apps through changes of the configuration. An app with unchanged settings keeps its connections and
 * tokens. A removed one gets no further attempts, waits for those in flight, and then closes.
 */
export class RunningApps implements AsyncDisposable {
  readonly #sleep: Sleep;
  readonly #stopping = new AbortController();
  readonly #leaving = new Set<Promise<void>>();
  #apps: ReadonlyMap<string, RunningApp> = new Map();

  constructor(sleep: Sleep) {
    this.#sleep = sleep;
  }

  find(key: string): GuardedProvider | undefined {
    return this.#apps.get(key)?.provider;
  }

  /** Resolves when the removed apps are closed. */
  async replace(wanted: readonly WantedApp[]): Promise<void> {
    const before = this.#apps;
    this.#apps = new Map(wanted.map((app) => [app.key, keep(before.get(app.key), app) ?? open(app)]));
    const staying = new Set(this.#apps.values());
    const leaving = [...before.values()].filter((app) => !staying.has(app));
    await Promise.all(leaving.map((app) => this.#retire(app)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const all = [...this.#apps.values()].map((app) => this.#retire(app));
    await Promise.all([...all, ...this.#leaving]);
  }

  async #retire(app: RunningApp): Promise<void> {
    app.leave();
    const closing = this.#close(app);
    this.#leaving.add(closing);
    try {
      await closing;
    } finally {
      this.#leaving.delete(closing);
    }
  }

  async #close({ provider, idle }: RunningApp): Promise<void> {
    const waited = new AbortController();
    const enough = AbortSignal.any([waited.signal, this.#stopping.signal]);
    await Promise.race([idle(), this.#sleep(PATIENCE_MS, enough)]);
    waited.abort();
    await provider[Symbol.asyncDispose]();
  }
}

function keep(running: RunningApp | undefined, { settings }: WantedApp): RunningApp | undefined {
  return running !== undefined && isDeepStrictEqual(running.settings, settings) ? running : undefined;
}

function open({ settings, open: openApp }: WantedApp): RunningApp {
  const { provider, leave } = openApp();
  const idle = Promise.withResolvers<void>();
  let underWay = 0;
  let isAwaited = false;
  const noteIdle = (): void => {
    if (isAwaited && underWay === 0) idle.resolve();
  };
  return {
    settings,
    leave,
    provider: {
      app: provider.app,
      async send(attempt, signal) {
        underWay += 1;
        try {
          return await provider.send(attempt, signal);
        } finally {
          underWay -= 1;
          noteIdle();
        }
      },
      [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose](),
    },
    idle() {
      isAwaited = true;
      noteIdle();
      return idle.promise;
    },
  };
}
