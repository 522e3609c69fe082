import { buildAor, type Aor } from "../../src/push/address.ts";
import type { Call } from "../../src/push/call.ts";
import type { Device } from "../../src/push/device.ts";
import type { DirectTarget, PushRequest, Target } from "../../src/push/push.ts";

/** Builders of valid objects. A test overrides only what it checks. */
export const ALICE: Aor = buildAor("alice", "example.org");
export const BOB: Aor = buildAor("bob", "example.org");

export const IPHONE_TOKENS = { voip: "a1".repeat(32), remote: "b2".repeat(32) } as const;
export const ANDROID_TOKEN = "fZ3kq9Xr7Tw:APA91bEandroidtokenofalicewithenoughcharacters0123456789";

export function aCall(overrides: Partial<PushRequest> = {}): PushRequest {
  return { kind: "call", callee: ALICE, caller: "+4315551234", silent: false, data: {}, aps: {}, ...overrides };
}

export function aMessage(overrides: Partial<PushRequest> = {}): PushRequest {
  return {
    kind: "message",
    callee: ALICE,
    pushId: "0f4c9a52-3d6e-4a53-9d1e-6a1d4b7f1c11",
    silent: false,
    data: { type: "message", message: "Are we still on for lunch?", sender_jid: "bob@example.org" },
    aps: { alert: "Message from Bob:\nAre we still on for lunch?", sound: "incoming_message.caf", badge: 1 },
    ...overrides,
  };
}

/** A phone that a request names itself. */
export const A_DIRECT_IPHONE: DirectTarget = {
  provider: "apns",
  tokens: { voip: "c3".repeat(32), remote: "d4".repeat(32) },
  environment: "sandbox",
  app: "org.example.other",
};

export function anIphone(overrides: Partial<Device> = {}): Device {
  return {
    subscriber: ALICE,
    id: "iphone",
    provider: "apns",
    tokens: IPHONE_TOKENS,
    environment: "production",
    registeredAt: 1_000,
    ...overrides,
  };
}

export function anAndroid(overrides: Partial<Device> = {}): Device {
  return {
    subscriber: ALICE,
    id: "pixel",
    provider: "fcm",
    tokens: { registration: ANDROID_TOKEN },
    environment: "production",
    registeredAt: 1_000,
    ...overrides,
  };
}

export function aRingingCall(overrides: Partial<Call> = {}): Call {
  return {
    callee: ALICE,
    id: "a84b4c76e66710@pc33.example.com",
    pushIds: ["0190a1b2-0000-7000-8000-000000000001"],
    caller: "+4315551234",
    door: "v1",
    urlToken: "x".repeat(22),
    state: "ringing",
    startedAt: 1_000,
    deadline: 31_000,
    registrations: [],
    history: [],
    revision: 1,
    ...overrides,
  };
}

export function aTarget(overrides: Partial<Target> = {}): Target {
  return {
    deviceId: "iphone",
    provider: "apns",
    tokenKind: "voip",
    token: IPHONE_TOKENS.voip,
    environment: "production",
    ...overrides,
  };
}
