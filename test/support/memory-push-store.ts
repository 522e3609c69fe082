import type { Clock } from "../../src/gateway/clock.ts";
import type {
  Acceptance,
  AcceptResult,
  DeadLetterSelector,
  DeliveryResult,
  Lease,
  LeaseBatch,
  LeaseRequest,
  LongestPauses,
  PushStore,
  Renewal,
  Suspicion,
  SettleResult,
} from "../../src/gateway/push-store.ts";
import { domainOf, type Aor } from "../../src/push/address.ts";
import { beginCall } from "../../src/push/call-begin.ts";
import { readDeadline } from "../../src/push/deadline.ts";
import type { Device } from "../../src/push/device.ts";
import { isPushEnabled } from "../../src/push/enable-policy.ts";
import { withoutContentAndTokens } from "../../src/push/kept-content.ts";
import { readPushPreferences, type Preferences } from "../../src/push/preferences.ts";
import {
  isAboutCall,
  isDeadLetter,
  isTerminal,
  type Delivery,
  type Push,
  type PushRequest,
  type PushState,
} from "../../src/push/push.ts";
import { readPushState } from "../../src/push/push-result.ts";
import {
  buildLoadLimits,
  findFullBound,
  readQueueUse,
  type QueueLimits,
  type QueueLoad,
  type QueueUse,
} from "../../src/push/queue-room.ts";
import { isSilent } from "../../src/push/silence.ts";
import { chooseTargets } from "../../src/push/targets.ts";
import type { MemoryCallBook } from "./memory-call-book.ts";

export interface MemoryPushStoreOptions {
  readonly clock: Clock;
  readonly devicesOf?: (subscriber: Aor) => readonly Device[];
  readonly effective?: Preferences;
  /** No limits by default. */
  readonly limits?: Partial<QueueLimits>;
  /** Book in which accepted pushes begin their calls. */
  readonly calls?: MemoryCallBook;
}

interface Entry {
  push: Push;
  /** Token that may settle the push; undefined while it is in the queue. */
  token: string | undefined;
  loneDeaths?: number | undefined;
  isAlone?: boolean;
  /** When the push may be leased or taken over. */
  dueAt: number;
}

/** An in-memory PushStore for tests of its users, with real leases, fences and due times. */
export class MemoryPushStore implements PushStore {
  readonly #options: MemoryPushStoreOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #dedup = new Map<string, { readonly id: string; readonly fingerprint: string; readonly until: number }>();
  #tokens = 0;
  #ids = 0;

  constructor(options: MemoryPushStoreOptions) {
    this.#options = options;
  }

  /** Puts a pending push into the queue, as another worker left it. */
  enqueue(push: Push, dueAt: number = this.#options.clock()): void {
    this.#entries.set(push.id, { push, token: undefined, dueAt });
  }

  /** Loses all data, like FLUSHALL. */
  forgetEverything(): void {
    this.#entries.clear();
    this.#dedup.clear();
  }

  /** Puts a pending push into the store and leases it, as `accept` does. */
  enqueueLeased(push: Push, leaseMs: number, leaseToken?: string): Lease {
    this.enqueue(push);
    return this.#take(push.id, leaseMs, leaseToken);
  }

  newId(): string {
    this.#ids += 1;
    return `push-${this.#ids}`;
  }

  async accept(acceptance: Acceptance): Promise<AcceptResult> {
    const { id, request: asked, dedup, ttl, leaseMs, leaseToken, targets: given, call } = acceptance;
    const { clock, devicesOf = () => [], effective = {} } = this.#options;
    const now = clock();
    const first = this.#dedup.get(dedup.key);
    if (first !== undefined && first.until > now) {
      if (dedup.explicit && first.fingerprint !== dedup.fingerprint) return { kind: "conflict", id: first.id };
      return { kind: "repeat", id: first.id, state: this.#entries.get(first.id)?.push.state ?? "pending" };
    }
    const targets = given ?? chooseTargets(asked.kind, devicesOf(asked.callee));
    if (!isPushEnabled(effective)) return { kind: "suppressed", id, reason: "push_disabled" };
    if (targets.length === 0) return { kind: "suppressed", id, reason: "no_device" };
    const bound = this.#findFullBound(asked);
    if (bound !== undefined) return { kind: "full", bound };

    const deliveries = targets.map((target): Delivery => ({ ...target, state: "pending", attempts: 0 }));
    const request = { ...asked, silent: isSilent(asked, effective) };
    const deadline = readDeadline(asked, effective, ttl, now);
    this.#dedup.set(dedup.key, { id, fingerprint: dedup.fingerprint, until: now + dedup.windowMs });
    const preferences = readPushPreferences(effective);
    const rest = preferences === undefined ? {} : { preferences };
    const push: Push = { id, request, acceptedAt: now, deadline, state: "pending", ...rest, deliveries };
    const lease = this.enqueueLeased(push, leaseMs, leaseToken);
    if (call !== undefined) this.#options.calls?.begin(beginCall(call, push));
    return { kind: "accepted", lease };
  }

  async lease({ limit, leaseMs }: LeaseRequest): Promise<LeaseBatch> {
    const now = this.#options.clock();
    const due = this.#pending()
      .filter(({ dueAt }) => dueAt <= now)
      .toSorted((a, b) => rankOf(a) - rankOf(b) || a.dueAt - b.dueAt);
    const leases = due.slice(0, limit).map(({ push }) => this.#take(push.id, leaseMs));
    const dueTimes = this.#pending().map(({ dueAt }) => dueAt);
    return dueTimes.length === 0 ? { leases } : { leases, nextDueAt: Math.min(...dueTimes) };
  }

  async renew(leases: readonly Pick<Lease, "push" | "token">[], leaseMs: number): Promise<Renewal> {
    const [kept, lost] = [new Set<string>(), new Set<string>()];
    for (const { push, token } of leases) {
      const entry = this.#entries.get(push.id);
      (entry?.token === token ? kept : lost).add(token);
      if (entry?.token !== token) continue;
      if (!isTerminal(entry.push.state)) entry.dueAt = this.#options.clock() + leaseMs;
    }
    return { kept, lost };
  }

  async settle(lease: Lease, results: readonly DeliveryResult[], handBackAt?: number): Promise<SettleResult> {
    const entry = this.#entries.get(lease.push.id);
    if (entry === undefined) return { kind: "gone" };
    if (entry.token !== lease.token) return { kind: "lost" };
    // A worker that got no answer asks again.
    if (isTerminal(entry.push.state)) return { kind: "settled", state: entry.push.state };
    const deliveries = entry.push.deliveries.map((delivery) => applyResult(delivery, results));
    const state: PushState = readPushState(deliveries) ?? "pending";
    entry.push = { ...entry.push, deliveries, state };
    if (state === "pending" && handBackAt !== undefined) {
      entry.token = undefined;
      entry.dueAt = handBackAt;
    }
    return { kind: "settled", state };
  }

  async noteSuspicion({ push, token }: Lease, { isAlone, loneDeaths }: Suspicion): Promise<void> {
    const entry = this.#entries.get(push.id);
    if (entry?.token === token) Object.assign(entry, { isAlone, loneDeaths });
  }

  async cancel({ id }: { readonly id: string }): Promise<PushState | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined || isTerminal(entry.push.state)) return entry?.push.state;
    const deliveries = entry.push.deliveries.map((delivery): Delivery =>
      isTerminal(delivery.state) ? delivery : { ...delivery, state: "cancelled" },
    );
    const state = deliveries.some((delivery) => delivery.state === "delivered") ? "delivered" : "cancelled";
    entry.push = { ...entry.push, deliveries, state };
    entry.token = undefined;
    return state;
  }

  async get(id: string): Promise<Push | undefined> {
    return this.#entries.get(id)?.push;
  }

  awaitEnd(id: string): Promise<Push | undefined> {
    return this.get(id);
  }

  watchEnds(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }

  async listDeadLetters({ limit, before }: DeadLetterSelector): Promise<readonly Push[]> {
    const dead = [...this.#entries.values()].map(({ push }) => push).filter(isDeadLetter);
    const newest = dead.toReversed();
    const start = before === undefined ? 0 : newest.findIndex(({ id }) => id === before) + 1;
    return newest.slice(start, start + limit);
  }

  async dropDeadLetter(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    return entry !== undefined && isDeadLetter(entry.push) && this.#entries.delete(id);
  }

  async markReplayed(id: string, replacement: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined || !isDeadLetter(entry.push)) return false;
    const request = withoutContentAndTokens(entry.push.request);
    entry.push = { ...entry.push, request, replayed: { as: replacement, at: this.#options.clock() } };
    return true;
  }

  async depth(): Promise<{ pending: number; leased: number }> {
    const now = this.#options.clock();
    const pending = this.#pending();
    return {
      pending: pending.length,
      leased: pending.filter(({ token, dueAt }) => token !== undefined && dueAt > now).length,
    };
  }

  async use(): Promise<QueueUse> {
    const requests = this.#pendingRequests();
    const byDomain = Map.groupBy(requests, ({ callee }) => domainOf(callee));
    return readQueueUse(readLoad(requests), [...byDomain.values()].map(readLoad), this.#limits());
  }

  async wakeOversleepers({ leaseMs, retryMs }: LongestPauses): Promise<number> {
    const now = this.#options.clock();
    const oversleepers = this.#pending().filter(
      ({ token, dueAt }) => dueAt > now + (token === undefined ? Math.max(retryMs, leaseMs) : leaseMs),
    );
    for (const entry of oversleepers) entry.dueAt = now + leaseMs;
    return oversleepers.length;
  }

  async forgetEnded(): Promise<number> {
    const ended = [...this.#entries].filter(([, { push }]) => isTerminal(push.state));
    for (const [id] of ended) this.#entries.delete(id);
    return ended.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #limits() {
    return buildLoadLimits({ ...NO_LIMITS, ...this.#options.limits });
  }

  #pendingRequests(): PushRequest[] {
    return this.#pending().map(({ push }) => push.request);
  }

  #findFullBound(asked: PushRequest) {
    const requests = this.#pendingRequests();
    const loads = {
      queue: readLoad(requests),
      domain: readLoad(requests.filter(({ callee }) => domainOf(callee) === domainOf(asked.callee))),
      callee: readLoad(requests.filter(({ callee }) => callee === asked.callee)),
    };
    return findFullBound(isAboutCall(asked), loads, this.#limits());
  }

  #pending(): Entry[] {
    return [...this.#entries.values()].filter(({ push }) => !isTerminal(push.state));
  }

  #take(id: string, leaseMs: number, leaseToken?: string): Lease {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`no push ${id}`);
    if (entry.token !== undefined) entry.loneDeaths = (entry.loneDeaths ?? 0) + (entry.isAlone === true ? 1 : 0);
    entry.isAlone = false;
    this.#tokens += 1;
    entry.token = leaseToken ?? `lease ${this.#tokens}`;
    entry.dueAt = this.#options.clock() + leaseMs;
    const { push, token, dueAt: endsAt, loneDeaths } = entry;
    return { push, token, endsAt, ...(loneDeaths === undefined ? {} : { loneDeaths }) };
  }
}

const NO_LIMITS: QueueLimits = {
  pushes: Infinity,
  bytes: Infinity,
  messagesPercent: 100,
  domainPercent: 100,
  calleePushes: Infinity,
};

function readLoad(requests: readonly PushRequest[]): QueueLoad {
  const bytesOf = (some: readonly PushRequest[]) =>
    some.reduce((sum, request) => sum + Buffer.byteLength(JSON.stringify(request)), 0);
  const messages = requests.filter((request) => !isAboutCall(request));
  return {
    pushes: requests.length,
    bytes: bytesOf(requests),
    messages: messages.length,
    messageBytes: bytesOf(messages),
  };
}

function rankOf({ push }: Entry): number {
  return push.request.kind === "call" ? 0 : 1;
}

/** Ended deliveries do not change. A member missing in the result, such as `notBefore`, is removed. */
function applyResult(delivery: Delivery, results: readonly DeliveryResult[]): Delivery {
  const result = results.find(({ deviceId }) => deviceId === delivery.deviceId);
  if (result === undefined || isTerminal(delivery.state)) return delivery;
  const { notBefore: _notBefore, reason: _reason, ...rest } = delivery;
  return { ...rest, ...result };
}
