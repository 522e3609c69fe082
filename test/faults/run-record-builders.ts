import type { ClientEntry, ProviderEntry, RunRecord, StateEntry } from "./ledgers.ts";

/** One accepted call to one iPhone, sent once and delivered: a run in which every promise was kept. */
export const ID = "01a20737-8888-74b9-a992-433e23116d57";
export const TOKEN = "a1".repeat(32);
export const DEADLINE = 61_000;

export function aClientEntry(overrides: Partial<ClientEntry> = {}): ClientEntry {
  return {
    key: "k1",
    kind: "call",
    callee: "alice@example.org",
    ttlMs: 60_000,
    tokens: [TOKEN],
    tries: [{ sentAt: 1_000, answer: { kind: "answered", at: 1_005, status: 202, id: ID } }],
    ...overrides,
  };
}

export function aProviderEntry(overrides: Partial<ProviderEntry> = {}): ProviderEntry {
  return {
    pushId: ID,
    key: "k1",
    provider: "apns",
    token: TOKEN,
    apnsId: ID,
    receivedAt: 1_010,
    answeredAt: 1_010,
    accepted: true,
    ...overrides,
  };
}

export function aStateEntry(overrides: Partial<StateEntry> = {}): StateEntry {
  return {
    state: "delivered",
    deadline: DEADLINE,
    deliveries: [{ provider: "apns", state: "delivered", attempts: 1 }],
    ...overrides,
  };
}

export function aRunRecord(overrides: Partial<RunRecord> = {}): RunRecord {
  return {
    client: [aClientEntry()],
    provider: [aProviderEntry()],
    states: new Map([[ID, aStateEntry()]]),
    endings: new Map([[ID, 1]]),
    kills: [],
    lostAnswers: [],
    outages: [],
    queueLeft: 0,
    counters: { accepted: 1, ended: 1, leasesLost: 0, attemptsDelivered: 1 },
    accidents: [],
    oracleLagMs: 0,
    ...overrides,
  };
}
