import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Lease, PushStore } from "../../src/gateway/push-store.ts";
import { isTerminal, type PushState } from "../../src/push/push.ts";
import { aCall, aMessage, anAndroid, anIphone } from "../fixtures/builders.ts";
import { anAcceptance, LEASE_MS, NO_RULES, type OpenStores, type StoreFixture } from "./store-fixture.ts";

/** Expected state of one push. `dueAt` is the end of the lease if there is a token. */
interface ModelPush {
  readonly isCall: boolean;
  state: PushState;
  token: string | undefined;
  dueAt: number;
  readonly open: Set<string>;
  anyDelivered: boolean;
}

interface Model {
  readonly pushes: Map<string, ModelPush>;
  /** All leases ever granted, including expired ones, because workers may be late. */
  readonly leases: Lease[];
  readonly tokens: Set<string>;
}

type Step = (stores: StoreFixture, model: Model) => Promise<void>;

const DEVICES = ["iphone", "pixel"] as const;

function workerOf(stores: StoreFixture, isOther: boolean): PushStore {
  return isOther ? stores.otherWorker : stores.pushes;
}

function note(model: Model, lease: Lease): void {
  // No two workers may have the same lease.
  expect(model.tokens.has(lease.token)).toBe(false);
  model.tokens.add(lease.token);
  model.leases.push(lease);
}

function accept(key: number, isCall: boolean, isOther: boolean): Step {
  return async (stores, model) => {
    const request = (isCall ? aCall : aMessage)({ pushId: `${isCall}-${key}` });
    const result = await workerOf(stores, isOther).accept(anAcceptance(request));
    if (result.kind === "repeat") {
      expect(result.state).toBe(model.pushes.get(result.id)?.state);
      return;
    }
    expect(result.kind).toBe("accepted");
    if (result.kind !== "accepted") return;
    const { push, token, endsAt } = result.lease;
    note(model, result.lease);
    const open = new Set(push.deliveries.map(({ deviceId }) => deviceId));
    model.pushes.set(push.id, { isCall, state: "pending", token, dueAt: endsAt, open, anyDelivered: false });
  };
}

function lease(limit: number, isOther: boolean): Step {
  return async (stores, model) => {
    const now = stores.clock();
    const due = [...model.pushes].filter(([, { state, dueAt }]) => state === "pending" && dueAt <= now);

    const { leases, nextDueAt } = await workerOf(stores, isOther).lease({ limit, leaseMs: LEASE_MS });

    expect(leases).toHaveLength(Math.min(limit, due.length));
    const dueCalls = due.filter(([, { isCall }]) => isCall).length;
    expect(leases.filter(({ push }) => push.request.kind === "call")).toHaveLength(Math.min(limit, dueCalls));
    for (const taken of leases) {
      expect(due.map(([id]) => id)).toContain(taken.push.id);
      note(model, taken);
      Object.assign(model.pushes.get(taken.push.id)!, { token: taken.token, dueAt: now + LEASE_MS });
    }
    const left = [...model.pushes.values()].flatMap(({ state, dueAt }) => (state === "pending" ? [dueAt] : []));
    expect(nextDueAt).toBe(left.length === 0 ? undefined : Math.min(...left));
  };
}

function settle(pick: number, devices: readonly string[], isDelivered: boolean, handBackIn: number | undefined): Step {
  return async (stores, model) => {
    const held = model.leases[pick % Math.max(model.leases.length, 1)];
    if (held === undefined) return;
    const push = model.pushes.get(held.push.id)!;
    const state = isDelivered ? "delivered" : "failed";
    const results = devices.map((deviceId) => ({ deviceId, state, attempts: 1 }) as const);
    const handBackAt = handBackIn === undefined ? undefined : stores.clock() + handBackIn;

    const result = await stores.pushes.settle(held, results, handBackAt);

    if (push.token !== held.token) {
      expect(result).toEqual({ kind: "lost" });
      return;
    }
    if (push.state === "pending") settleModel(push, devices, isDelivered, handBackAt);
    expect(result).toEqual({ kind: "settled", state: push.state });
  };
}

function settleModel(push: ModelPush, devices: readonly string[], isDelivered: boolean, at: number | undefined): void {
  for (const device of devices) if (push.open.delete(device)) push.anyDelivered ||= isDelivered;
  if (push.open.size === 0) push.state = push.anyDelivered ? "delivered" : "failed";
  else if (at !== undefined) Object.assign(push, { token: undefined, dueAt: at });
}

function renew(pick: number): Step {
  return async (stores, model) => {
    const some = model.leases.slice(pick % Math.max(model.leases.length, 1));

    const { lost } = await stores.pushes.renew(some, LEASE_MS);

    for (const { push, token } of some) {
      const found = model.pushes.get(push.id)!;
      const isHeld = found.token === token;
      expect(lost.has(token)).toBe(!isHeld);
      if (isHeld && found.state === "pending") found.dueAt = stores.clock() + LEASE_MS;
    }
  };
}

function cancel(pick: number): Step {
  return async (stores, model) => {
    const [id, push] = [...model.pushes][pick % Math.max(model.pushes.size, 1)] ?? [];
    if (id === undefined || push === undefined) return;

    const state = await stores.otherWorker.cancel({ id });

    if (push.state === "pending") {
      push.state = push.anyDelivered ? "delivered" : "cancelled";
      push.token = undefined;
    }
    expect(state).toBe(push.state);
  };
}

function advance(ms: number): Step {
  return async (stores) => stores.clock.advance(ms);
}

const index = fc.nat({ max: 30 });
const isOther = fc.boolean();
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.nat({ max: 6 }), fc.boolean(), isOther).map((args) => accept(...args)) },
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), isOther).map((args) => lease(...args)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(index, fc.subarray([...DEVICES]), fc.boolean(), fc.option(fc.nat({ max: 2_000 }), { nil: undefined }))
      .map((args) => settle(...args)),
  },
  { weight: 1, arbitrary: index.map(renew) },
  { weight: 1, arbitrary: index.map(cancel) },
  { weight: 2, arbitrary: fc.nat({ max: LEASE_MS * 1.2 }).map(advance) },
);

/** Compares the store with a small model under random operations in random order. */
export function describePushStoreModel(name: string, open: OpenStores, numRuns = 60): void {
  describe(`PushStore and its model: ${name}`, () => {
    it("brings each accepted push to exactly one end, and never lets two workers hold one", async () => {
      const property = fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
        await using stores = await open();
        await stores.devices.register(anIphone(), NO_RULES);
        await stores.devices.register(anAndroid(), NO_RULES);
        const model: Model = { pushes: new Map(), leases: [], tokens: new Set() };
        const ended = new Map<string, PushState>();

        for (const step of steps) {
          await step(stores, model);
          await expectAgreement(stores, model, ended);
        }
        await endAll(stores);

        for (const id of model.pushes.keys()) expect(isTerminal((await stores.pushes.get(id))!.state)).toBe(true);
        expect(await stores.pushes.depth()).toEqual({ pending: 0, leased: 0 });
      });

      await fc.assert(property, { numRuns });
    });
  });
}

/** The store must agree with the model, and ended pushes must never change. */
async function expectAgreement(stores: StoreFixture, { pushes }: Model, ended: Map<string, PushState>): Promise<void> {
  const pending = [...pushes.values()].filter(({ state }) => state === "pending");
  const leased = pending.filter(({ token, dueAt }) => token !== undefined && dueAt > stores.clock());
  expect(await stores.pushes.depth()).toEqual({ pending: pending.length, leased: leased.length });
  for (const [id, { state }] of pushes) {
    const stored = await stores.otherWorker.get(id);
    expect(stored?.state).toBe(state);
    if (stored === undefined || !isTerminal(stored.state)) continue;
    expect(stored.deliveries.every((delivery) => isTerminal(delivery.state))).toBe(true);
    expect(ended.get(id) ?? stored.state).toBe(stored.state);
    ended.set(id, stored.state);
  }
}

/** A worker that returns after a long time must find every push that has not ended, and ends it. */
async function endAll({ clock, pushes }: StoreFixture): Promise<void> {
  clock.advance(LEASE_MS * 10);
  const { leases } = await pushes.lease({ limit: 1_000, leaseMs: LEASE_MS });
  for (const taken of leases) {
    const results = DEVICES.map((deviceId) => ({ deviceId, state: "expired", attempts: 1 }) as const);
    expect(await pushes.settle(taken, results)).toMatchObject({ kind: "settled" });
  }
}
