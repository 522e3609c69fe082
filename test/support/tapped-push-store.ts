import type { DeliveryResult, Lease, PushStore } from "../../src/gateway/push-store.ts";

type Tapped = Pick<PushStore, "accept" | "lease" | "renew" | "settle" | "cancel" | "noteSuspicion">;
type Method = keyof Tapped;

export interface SettleCall {
  readonly lease: Lease;
  readonly results: readonly DeliveryResult[];
  readonly handBackAt: number | undefined;
}

/** A store whose calls can be recorded, failed and delayed. */
export interface TappedPushStore extends Tapped, Pick<PushStore, "newId" | "get"> {
  /** All round trips in order. */
  readonly trips: Method[];
  readonly settled: SettleCall[];
  readonly renewed: string[][];
  /** Makes the next `times` calls of the method fail without effect on the store. */
  fail(method: Method, times?: number): void;
  /** Executes the next call of the method but loses its answer. */
  loseAnswer(method: Method): void;
  /** From now on the store knows only leases for which `isKnown` is true. */
  renewPartly(isKnown: (lease: Pick<Lease, "push" | "token">) => boolean): void;
  /** Delays the next call of the method until it is released. */
  hold(method: Method): { release(): void };
  /** Executes the next call of the method at once, but delays its answer until it is released. */
  delayAnswer(method: Method): { release(): void };
}

export function tapPushStore(store: Tapped & Pick<PushStore, "newId" | "get">): TappedPushStore {
  const trips: Method[] = [];
  const settled: SettleCall[] = [];
  const renewed: string[][] = [];
  let isKnown: Parameters<TappedPushStore["renewPartly"]>[0] = () => true;
  const lost = new Set<Method>();
  const obstacles: Record<Method, (() => Promise<void>)[]> = {
    accept: [],
    lease: [],
    renew: [],
    settle: [],
    cancel: [],
    noteSuspicion: [],
  };
  const delays: Record<Method, Promise<void>[]> = {
    accept: [],
    lease: [],
    renew: [],
    settle: [],
    cancel: [],
    noteSuspicion: [],
  };
  const cut = () => Promise.reject(new Error("the store is out of reach"));

  const pass = async <T>(method: Method, call: () => Promise<T>): Promise<T> => {
    trips.push(method);
    await obstacles[method].shift()?.();
    const answer = await call();
    await delays[method].shift();
    return lost.delete(method) ? cut() : answer;
  };

  return {
    trips,
    settled,
    renewed,
    newId: (callee) => store.newId(callee),
    fail(method, times = 1) {
      obstacles[method].push(...Array.from({ length: times }, () => cut));
    },
    renewPartly: (known) => void (isKnown = known),
    loseAnswer: (method) => void lost.add(method),
    hold(method) {
      const { promise, resolve } = Promise.withResolvers<void>();
      obstacles[method].push(() => promise);
      return { release: resolve };
    },
    delayAnswer(method) {
      const { promise, resolve } = Promise.withResolvers<void>();
      delays[method].push(promise);
      return { release: resolve };
    },
    accept: (acceptance) => pass("accept", () => store.accept(acceptance)),
    get: (id) => store.get(id),
    noteSuspicion: (lease, suspicion) => pass("noteSuspicion", () => store.noteSuspicion(lease, suspicion)),
    cancel: (selector) => pass("cancel", () => store.cancel(selector)),
    lease: (request) => pass("lease", () => store.lease(request)),
    async renew(leases, leaseMs) {
      renewed.push(leases.map(({ token }) => token));
      const known = leases.filter(isKnown);
      const renewal = await pass("renew", () => store.renew(known, leaseMs));
      return known.length === leases.length ? renewal : { ...renewal, failure: new Error("a part is away") };
    },
    settle(lease, results, handBackAt) {
      settled.push({ lease, results, handBackAt });
      return pass("settle", () => store.settle(lease, results, handBackAt));
    },
  };
}
