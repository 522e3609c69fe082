import type { TracedCall, TracedDelivery, TracedEntry, TracedPush, TracedTry } from "../../src/trace/trace-report.ts";

/** Start time to which all times refer. */
export const BEGUN = Date.parse("2026-11-27T06:00:00.000Z");

/** Returns the time `ms` milliseconds after the start, in JSON form. */
export function at(ms: number): string {
  return new Date(BEGUN + ms).toISOString();
}

export function took(ms: number, tookMs: number): TracedTry {
  return { at: at(ms), took_ms: tookMs, outcome: "delivered" };
}

export function failed(ms: number, tookMs: number, reason: string): TracedTry {
  return { at: at(ms), took_ms: tookMs, outcome: "deferred", reason };
}

export function heard(ms: number, event: TracedEntry["event"], rest: Partial<TracedEntry> = {}): TracedEntry {
  return { at: at(ms), event, ...rest };
}

export function aTracedDelivery(overrides: Partial<TracedDelivery> = {}): TracedDelivery {
  return {
    device: "iphone",
    provider: "apns",
    environment: "production",
    token_kind: "voip",
    state: "delivered",
    attempts: 1,
    tries: [took(10, 50)],
    ...overrides,
  };
}

export function anAndroidDelivery(overrides: Partial<TracedDelivery> = {}): TracedDelivery {
  return aTracedDelivery({ device: "pixel", provider: "fcm", token_kind: "registration", ...overrides });
}

export function aTracedPush(overrides: Partial<TracedPush> = {}): TracedPush {
  return {
    id: "0190a1b2-c3d4-7abc-8def-0123456789ab",
    kind: "call",
    callee: "alice@example.org",
    caller: "+4315551234",
    state: "delivered",
    accepted_at: at(0),
    deadline: at(30_000),
    deliveries: [aTracedDelivery()],
    ...overrides,
  };
}

export function aTracedCall(overrides: Partial<TracedCall> = {}): TracedCall {
  return {
    call_id: "a84b4c76e66710@pc33.example.com",
    callee: "alice@example.org",
    caller: "+4315551234",
    state: "ringing",
    ringing: false,
    asked_by: "v1",
    started_at: at(0),
    deadline: at(30_000),
    history: [],
    pushes: [aTracedPush()],
    end_pushes: [],
    ...overrides,
  };
}
