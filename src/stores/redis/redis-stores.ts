import type { Clock } from "../../gateway/clock.ts";
import { StoreClock } from "../../gateway/store-clock.ts";
import type { Inventory } from "../../gateway/inventory.ts";
import type { CallBook, CallChange } from "../../gateway/call-book.ts";
import type { DeviceStore } from "../../gateway/device-store.ts";
import type { PreferenceStore } from "../../gateway/preference-store.ts";
import type { PushStore } from "../../gateway/push-store.ts";
import type { WakeBook } from "../../gateway/wake-book.ts";
import { withWellFormedText } from "../../gateway/well-formed-text.ts";
import { createRedisInventory } from "./inventory.ts";
import { createIndexCall, createRedisCallBook } from "./calls.ts";
import { createRedisDeviceStore } from "./devices.ts";
import { createReplicatedRuns, type RunDurably } from "./durable-runs.ts";
import { createRedisPreferenceStore } from "./preferences.ts";
import { QueueView } from "./queue-view.ts";
import { buildLoadLimits } from "../../push/queue-room.ts";
import { createRedisPushStore } from "./push-store.ts";
import { createLook, type RedisHealth } from "./look.ts";
import { describeNodes, findVersionProblem, inspectNodes } from "./readiness.ts";
import { RedisStoreError } from "./redis-error.ts";
import type { RedisConnection, RedisStoreOptions } from "./redis-options.ts";
import { openSession, type RedisSession } from "./session.ts";
import { createSignals } from "./signals.ts";
import { createKeys } from "./shards.ts";
import { prepareFormat } from "./upgrade.ts";
import { createRedisWakeBook } from "./wakes.ts";

/** Disposing it waits for outstanding answers; disposing `pushes` disposes all. */
export interface RedisStores extends AsyncDisposable {
  readonly pushes: PushStore;
  readonly devices: DeviceStore;
  readonly preferences: PreferenceStore;
  readonly calls: CallBook;
  readonly wakes: WakeBook;
  readonly inventory: Inventory;
  /** Redis's clock, by which it measures deadlines, learned from its answers. */
  readonly clock: Clock;
  /**
   * Checks whether this Redis keeps data as configured. If it is not ready, accepted pushes are still delivered. Its
   * findings about durability decide whether pushes are accepted until the next call, so call it every few seconds.
   */
  check(): Promise<RedisHealth>;
  /**
   * Sets another user, password or certificate for later connections to the same Redis. Rejects if Redis refuses them;
   * open connections continue in any case.
   */
  renewLogin(connection: RedisConnection): Promise<void>;
  /** Describes the store and its setup for an operator. */
  describe(): Promise<readonly string[]>;
}

const OPEN_TIMEOUT_MS = 5_000;

/** Connects. Throws a RedisStoreError if this Redis cannot be used. Call `check()` to learn whether it should be. */
export async function openRedisStores(options: RedisStoreOptions): Promise<RedisStores> {
  const { clock, keyPrefix, shards, queue, retentionMs, keepContent } = options;
  await using opened = new AsyncDisposableStack();
  const session = opened.use(await openSession(options, OPEN_TIMEOUT_MS));
  const keys = createKeys(keyPrefix, shards);
  await requireVersion(session);
  await prepareFormat({ ...options, session, keys });
  const { runDurably, isReplicated, sessions } = await openDurableRuns(options, session, opened);

  const now = () => clock?.() ?? "";
  const storeClock = new StoreClock({ monotonic: () => performance.now(), wall: Date.now });
  const look = createLook({ session, keys, options, storeClock });
  await look.run();
  const queueView = new QueueView({ session, keys, limits: buildLoadLimits(queue), monotonic: storeClock.monotonic });
  // Shards that do not answer now are read later.
  await queueView.look().catch(() => undefined);
  const signals = opened.use(createSignals(options.connection));
  const calls = createRedisCallBook({
    session,
    keys,
    now,
    watch: (onChange) => signals.watch(keys.callChanges, (message) => onChange(JSON.parse(message) as CallChange)),
  });
  const resources = opened.move();
  const close = () => resources.disposeAsync();
  return {
    pushes: withWellFormedText(
      createRedisPushStore({
        session,
        keys,
        now,
        runDurably,
        isReplicated,
        queueView,
        requireDurability: look.requireDurability,
        storeClock,
        keepCallsMs: retentionMs,
        keepContent,
        indexCall: createIndexCall({ session, keys, keepMs: retentionMs }),
        watchEnds: (onEnd) => signals.watch(keys.pushEnds, onEnd),
        close,
      }),
    ),
    devices: withWellFormedText(createRedisDeviceStore({ session, keys, clock: clock ?? storeClock.now })),
    preferences: withWellFormedText(createRedisPreferenceStore({ session, keys })),
    calls: withWellFormedText(calls),
    wakes: withWellFormedText(createRedisWakeBook({ session, keys, now })),
    inventory: createRedisInventory({ session, keys }),
    describe: () => describeNodes(session),
    clock: clock ?? storeClock.now,
    check: look.run,
    async renewLogin(connection) {
      signals.renewLogin(connection);
      await Promise.all(sessions.map((each) => each.renewLogin(connection)));
    },
    [Symbol.asyncDispose]: close,
  };
}

async function requireVersion(session: RedisSession): Promise<void> {
  const nodes = await inspectNodes(session);
  const [problem] = nodes.flatMap(({ where, info }) => findVersionProblem(where, info));
  if (problem !== undefined) throw new RedisStoreError("unusable", problem);
}

async function openDurableRuns(
  options: RedisStoreOptions,
  session: RedisSession,
  opened: AsyncDisposableStack,
): Promise<{
  readonly runDurably: RunDurably;
  readonly isReplicated: boolean;
  /** All open sessions. */
  readonly sessions: readonly RedisSession[];
}> {
  const { durability, connection, commandTimeoutMs } = options;
  if (typeof durability === "string") return { runDurably: session.run, isReplicated: false, sessions: [session] };
  // WAIT blocks its connection, so it has its own: ends of other pushes must not wait behind it.
  const patience = { connection, commandTimeoutMs: commandTimeoutMs + durability.timeoutMs };
  const waiting = opened.use(await openSession(patience, OPEN_TIMEOUT_MS));
  const runDurably = createReplicatedRuns(waiting, durability);
  return { runDurably, isReplicated: true, sessions: [session, waiting] };
}
