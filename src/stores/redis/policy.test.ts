import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { anAcceptance, NO_RULES, TTL, type StoreFixture } from "../../../test/contracts/store-fixture.ts";
import { type RedisServer, openOn, startRedis } from "../../../test/fixtures/redis-servers.ts";
import type { AcceptResult } from "../../gateway/push-store.ts";
import { buildAor } from "../../push/address.ts";
import { readDeadline } from "../../push/deadline.ts";
import { PROVIDER_NAMES } from "../../providers/providers.ts";
import { ENVIRONMENTS, TOKEN_KINDS, type Device } from "../../push/device.ts";
import { isPushEnabled } from "../../push/enable-policy.ts";
import { ENABLE_MODES, inheritPreferences, type Preferences } from "../../push/preferences.ts";
import { PUSH_KINDS, type PushRequest, type Target } from "../../push/push.ts";
import { readPushState } from "../../push/push-result.ts";
import { isSilent } from "../../push/silence.ts";
import { chooseTargets } from "../../push/targets.ts";

let server: RedisServer;
let stores: StoreFixture;
beforeAll(async () => {
  server = await startRedis();
  stores = await openOn(() => ({ kind: "single", url: server.url }))();
});
afterAll(async () => {
  await stores[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Chat names that are equal, almost equal, or different. */
const chat = fc.oneof(
  fc.constantFrom(
    "bob@x",
    "BOB@X",
    "bob@x/phone",
    "Raum-Ü@muc",
    "raum-ü@muc/Bob",
    "ΣΑΣ@x",
    "",
    "/",
    'a"\\\n@x',
    "😀@x",
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const seconds = fc.oneof(fc.integer({ min: -5, max: 100 }), fc.integer(), fc.constantFrom(0.5, 1e12, 2_419_200));
const preferences: fc.Arbitrary<Preferences> = fc.record(
  {
    mobile_push_enable: fc.constantFrom(...ENABLE_MODES),
    mobile_push_expiry: seconds,
    mobile_push_silent_list: fc.array(chat, { maxLength: 4 }),
  },
  { requiredKeys: [] },
);
const data = fc.record(
  { room_jid: chat, sender_jid: chat, sender_sip: chat, message: fc.string({ unit: "binary" }) },
  { requiredKeys: [] },
);
const content = fc.record(
  { kind: fc.constantFrom(...PUSH_KINDS), silent: fc.boolean(), data, caller: chat, ttlMs: seconds },
  { requiredKeys: ["kind", "silent", "data"] },
);
/** Tokens are unique, because a moved token is a different case. */
const token = fc.uuid().map((uuid) => `${uuid}"\\/ü`);
const tokens = fc
  .tuple(fc.subarray([...TOKEN_KINDS], { minLength: 1 }), token)
  .map(([kinds, text]) => Object.fromEntries(kinds.map((kind) => [kind, `${kind}-${text}`])));
const device = fc.record(
  {
    id: fc.constantFrom("a", "b", "c", "ü\"'"),
    provider: fc.constantFrom(...PROVIDER_NAMES),
    tokens,
    environment: fc.constantFrom(...ENVIRONMENTS),
    app: fc.constantFrom("", "org.example.app"),
    name: fc.string({ unit: "binary", maxLength: 3 }),
    registeredAt: fc.constantFrom(1_000, 2_000, 1_800_000_000_123),
  },
  { requiredKeys: ["id", "provider", "tokens", "environment", "registeredAt"] },
);
const devices = fc.uniqueArray(device, { selector: ({ id }) => id, maxLength: 3 });
const ends = fc.array(fc.constantFrom("delivered", "failed", "expired", "cancelled"), { minLength: 3, maxLength: 3 });

function nameResult(result: AcceptResult): string {
  return result.kind === "suppressed" ? result.reason : result.kind;
}

function nameExpected(effective: Preferences, targets: readonly Target[]): string {
  if (!isPushEnabled(effective)) return "push_disabled";
  return targets.length === 0 ? "no_device" : "accepted";
}

it("decides in Redis as the pure policies do", async () => {
  const property = fc.asyncProperty(
    preferences,
    preferences,
    content,
    devices,
    ends,
    async (own, domains, asked, has, states) => {
      const domain = `${randomUUID()}.example.org`;
      const id = randomUUID();
      const callee = buildAor("alice", domain);
      const request: PushRequest = { aps: {}, callee, ...asked };
      const registered: Device[] = has.map((unowned) => ({ ...unowned, subscriber: callee }));
      await stores.preferences.patchDomain(domain, domains);
      await stores.preferences.patchSubscriber(callee, own);
      for (const each of registered) await stores.devices.register(each, NO_RULES);

      const result = await stores.pushes.accept(anAcceptance(request, id));

      const effective = inheritPreferences(own, domains);
      const inOrder = registered.toSorted((a, b) => a.registeredAt - b.registeredAt || (a.id < b.id ? -1 : 1));
      const targets = chooseTargets(request.kind, inOrder);
      expect(nameResult(result)).toBe(nameExpected(effective, targets));
      if (result.kind !== "accepted") return;
      const { push } = result.lease;
      expect(push.deadline).toBe(readDeadline(request, effective, TTL, stores.clock()));
      expect(push.request).toEqual({ ...request, silent: isSilent(request, effective) });
      expect(push.deliveries).toEqual(targets.map((target) => ({ ...target, state: "pending", attempts: 0 })));
      expect(await stores.otherWorker.get(id)).toEqual(push);

      const results = targets.map(({ deviceId }, index) => ({
        deviceId,
        state: states[index] ?? "failed",
        attempts: 1,
      }));
      const settled = await stores.pushes.settle(result.lease, results);

      expect(settled).toEqual({ kind: "settled", state: readPushState(results) });
      expect(await stores.pushes.get(id)).toMatchObject({ deliveries: results });
    },
  );

  await fc.assert(property, { numRuns: 300 });
});
