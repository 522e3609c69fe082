import { startGatewayProcess, type Exit, type GatewayProcess } from "./gateway-process.ts";
import type { Kill, LostAnswer } from "./ledgers.ts";

/** Successive processes of one gateway with the same configuration. */
export interface GatewayRuns extends AsyncDisposable {
  readonly starts: number;
  /** Process id of the current or last process. */
  readonly pid: number;
  readonly kills: readonly Kill[];
  readonly endings: ReadonlyMap<string, number>;
  readonly lostAnswers: readonly LostAnswer[];
  readonly accidents: readonly string[];
  start(): Promise<void>;
  /** kill -9: the signal is sent before the call returns. `staysAway`: its next start is delayed on purpose. */
  kill(options?: Pick<Kill, "staysAway">): Promise<void>;
  /** Waits until the process has died by itself, and records that like a kill. */
  awaitDeath(): Promise<void>;
  /** SIGTERM. Returns how long the exit took. */
  stop(): Promise<Exit & { readonly tookMs: number }>;
  /** Suspends it; for longer than a lease if it has a peer. */
  freeze(): void;
  thaw(): void;
}

/** Bytes that a killed gateway had passed to the kernel still arrive. */
const LAST_BYTES_MS = 200;

type MutableKill = { -readonly [Key in keyof Kill]: Kill[Key] };

export interface GatewayRunsOptions {
  readonly configFile: string;
  /** Another gateway works on the same pushes without waiting for the next start of this one. */
  readonly hasPeer?: boolean;
  /** Milliseconds by which its wall clock is ahead. */
  readonly clockAheadMs?: number;
  readonly deadlyPreload?: string | undefined;
}

export function createGatewayRuns(options: GatewayRunsOptions): GatewayRuns {
  const { configFile, hasPeer = false, clockAheadMs = 0, deadlyPreload } = options;
  const endings = new Map<string, number>();
  const accidents: string[] = [];
  const lostAnswers: LostAnswer[] = [];
  const kills: MutableKill[] = [];
  let starts = 0;
  let running: GatewayProcess | undefined;
  /** The current or last process. */
  let latest: GatewayProcess | undefined;

  const take = (): GatewayProcess => {
    if (running === undefined) throw new Error("no gateway is running");
    const gateway = running;
    running = undefined;
    return gateway;
  };

  return {
    get starts() {
      return starts;
    },
    get pid() {
      return latest?.pid ?? 0;
    },
    kills,
    endings,
    lostAnswers,
    accidents,
    async start() {
      for (const kill of kills) kill.nextStartAt = Math.min(kill.nextStartAt, Date.now());
      starts += 1;
      latest = running = await startGatewayProcess({
        configFile,
        clockAheadMs,
        deadlyPreload,
        onPushEnded: (id) => endings.set(id, (endings.get(id) ?? 0) + 1),
        onAnswerLost: (lost) => lostAnswers.push(lost),
        onAccident: (what) => accidents.push(what),
      });
      if (hasPeer) return;
      for (const kill of kills) if (kill.staysAway !== true) kill.listeningAt ??= Date.now();
    },
    async kill({ staysAway = false } = {}) {
      const kill: MutableKill = { at: Date.now(), nextStartAt: Infinity, staysAway };
      kills.push(kill);
      const { at } = await take().kill();
      if (hasPeer) kill.nextStartAt = at + LAST_BYTES_MS;
    },
    async awaitDeath() {
      const { at } = await take().exited;
      // The next process may die as well, so how soon pushes went on says nothing.
      kills.push({ at, nextStartAt: hasPeer ? at + LAST_BYTES_MS : Infinity, staysAway: true });
    },
    async stop() {
      const sentAt = Date.now();
      const exit = await take().stop();
      return { ...exit, tookMs: exit.at - sentAt };
    },
    freeze() {
      const at = Date.now();
      if (hasPeer) kills.push({ at, nextStartAt: at + LAST_BYTES_MS, thawedAt: Infinity });
      latest?.freeze();
    },
    thaw() {
      const freeze = kills.at(-1);
      if (freeze?.thawedAt === Infinity) freeze.thawedAt = Date.now();
      latest?.thaw();
    },
    async [Symbol.asyncDispose]() {
      await running?.[Symbol.asyncDispose]();
    },
  };
}
