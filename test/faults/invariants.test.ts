import { describe, expect, it } from "vitest";
import { checkInvariants } from "./invariants.ts";
import type { RunRecord, StateEntry } from "./ledgers.ts";
import { aClientEntry, aProviderEntry, aRunRecord, aStateEntry, DEADLINE, ID, TOKEN } from "./run-record-builders.ts";

const OTHER_ID = "01a20737-9999-74b9-a992-433e23116d57";
/** Counters and logs of a killed gateway cover only a part of the run. */
const AFTER_KILL = { counters: undefined, kills: [{ at: 1_020, nextStartAt: 2_000 }] };
const NOT_SENT = { provider: [], counters: undefined };

function broken(overrides: Partial<RunRecord>): readonly string[] {
  return [...new Set(checkInvariants(aRunRecord(overrides)).map(({ invariant }) => invariant))];
}

function inState(overrides: Partial<StateEntry>): Pick<RunRecord, "states"> {
  return { states: new Map([[ID, aStateEntry(overrides)]]) };
}

function ended(state: "failed" | "expired", reason: string): Pick<RunRecord, "states"> {
  return inState({
    state,
    reason,
    deliveries: [{ provider: "apns", state, reason, attempts: 1 }],
  });
}

it("finds nothing wrong with a run in which every promise was kept", () => {
  expect(broken({})).toEqual([]);
});

describe("I1", () => {
  it.each([
    ["is not known any more", { ...NOT_SENT, states: new Map([[ID, null]]) }],
    ["has not ended", { ...NOT_SENT, ...inState({ state: "pending", deliveries: [{ ...openDelivery() }] }) }],
    ["ended twice", { endings: new Map([[ID, 2]]) }],
    ["went to fewer devices than the subscriber has", { client: [aClientEntry({ tokens: [TOKEN, "c3".repeat(32)] })] }],
  ])("is broken by an accepted push that %s", (_what, overrides) => {
    expect(broken(overrides)).toEqual(["I1"]);
  });
});

function openDelivery() {
  return { provider: "apns", state: "pending", attempts: 0 } as const;
}

describe("I2", () => {
  const refused = [{ sentAt: 1_000, answer: { kind: "answered", at: 1_005, status: 503 } }] as const;
  const unanswered = [
    { sentAt: 1_000, answer: { kind: "no-answer", at: 1_005, reason: "ECONNRESET", isKept: true } },
  ] as const;

  it.each([
    ["was refused", [aClientEntry({ tries: refused })]],
    ["nobody asked for", []],
    ["belongs to another subscriber's device", [aClientEntry({ tokens: ["c3".repeat(32)] })]],
  ])("is broken by a send that %s", (_what, client) => {
    expect(broken({ client, counters: undefined })).toEqual(["I2"]);
  });

  it("allows a send whose client got no answer", () => {
    expect(broken({ client: [aClientEntry({ tries: unanswered })] })).toEqual([]);
    expect(broken({ client: [aClientEntry({ tries: [...refused, ...unanswered] })] })).toEqual([]);
  });

  it.each([
    ["stood still meanwhile", [{ at: 900, thawedAt: 1_003, nextStartAt: 1_003 }], "acceptance_unknown", []],
    ["has never stood still", [], "acceptance_unknown", ["I2", "I8"]],
    [
      "stood still long before",
      [{ at: -9_000, thawedAt: -5_000, nextStartAt: -5_000 }],
      "acceptance_unknown",
      ["I2", "I8"],
    ],
    [
      "stood still meanwhile, and says that nothing was done",
      [{ at: 900, thawedAt: 1_003, nextStartAt: 1_003 }],
      "store_unavailable",
      ["I2", "I8"],
    ],
  ])(
    "judges a send of a gateway that did not know whether it had accepted, and that %s",
    (_what, kills, code, found) => {
      const tries = [{ sentAt: 950, answer: { kind: "answered", at: 1_005, status: 503, code } }] as const;
      expect(broken({ client: [aClientEntry({ tries })], kills })).toEqual(found);
    },
  );
});

describe("I3", () => {
  const again = (receivedAt: number) => aProviderEntry({ receivedAt, answeredAt: receivedAt });

  it("is broken by a second send without a kill", () => {
    expect(broken({ provider: [aProviderEntry(), again(1_100)], counters: undefined })).toEqual(["I3"]);
  });

  it("allows one more send for one that was in flight at a kill, and no third", () => {
    expect(broken({ ...AFTER_KILL, provider: [aProviderEntry(), again(2_100)] })).toEqual([]);
    expect(broken({ ...AFTER_KILL, provider: [aProviderEntry(), again(2_100), again(2_200)] })).toEqual(["I3"]);
  });

  it("is broken by a second send after a kill, if the first had been answered long before it", () => {
    const kills = [{ at: 5_000, nextStartAt: 6_000 }];

    expect(broken({ counters: undefined, kills, provider: [aProviderEntry(), again(6_100)] })).toEqual(["I3"]);
  });

  it("is broken by a second send before the next gateway was started", () => {
    expect(broken({ ...AFTER_KILL, provider: [again(1_000), again(1_005)] })).toEqual(["I3"]);
    expect(broken({ ...AFTER_KILL, provider: [again(1_000), again(1_999)] })).toEqual(["I3"]);
    expect(broken({ ...AFTER_KILL, provider: [again(1_000), again(2_000)] })).toEqual([]);
  });

  it("allows what a frozen gateway had begun to leave when it wakes, and nothing that it begins then", () => {
    const frozen = { counters: undefined, kills: [{ at: 5_000, nextStartAt: 5_200, thawedAt: 11_000 }] };

    expect(broken({ ...frozen, provider: [again(9_500), again(11_010)] })).toEqual([]);
    expect(broken({ ...frozen, provider: [again(9_500), again(12_000)] })).toEqual(["I3"]);
  });

  it("allows another send where the gateway says that it gave the first one up, before that and not after", () => {
    const lost = (at: number) => ({ counters: undefined, lostAnswers: [{ pushId: ID, provider: "apns", at }] });
    const provider = [aProviderEntry(), again(3_000)];

    expect(broken({ ...lost(2_500), provider })).toEqual([]);
    expect(broken({ ...lost(3_500), provider })).toEqual(["I3"]);
    expect(broken({ ...lost(900), provider })).toEqual(["I3"]);
  });

  it("allows another send where the provider never answered", () => {
    const silent = aProviderEntry({ answeredAt: Infinity });

    expect(broken({ provider: [silent, again(1_100)] })).toEqual([]);
  });

  it("is broken by another apns-id, for then the phone shows the push twice", () => {
    const renamed = { ...again(2_100), apnsId: OTHER_ID };

    expect(broken({ ...AFTER_KILL, provider: [aProviderEntry(), renamed] })).toEqual(["I3"]);
  });

  it("is broken by the apns-id of another push, for then the phone drops one of them", () => {
    const other = aProviderEntry({ pushId: OTHER_ID, accepted: false });

    expect(broken({ provider: [aProviderEntry(), other] })).toContain("I3");
  });
});

describe("I4", () => {
  it("is broken by a send after the deadline, but not by the clocks' slack", () => {
    const at = (receivedAt: number) => ({ provider: [aProviderEntry({ receivedAt, answeredAt: receivedAt })] });

    expect(broken(at(DEADLINE + 51))).toEqual(["I4"]);
    expect(broken(at(DEADLINE + 50))).toEqual([]);
    expect(broken({ ...at(DEADLINE + 51), oracleLagMs: 10 })).toEqual([]);
  });

  it("is broken by a deadline that is later than the client asked for", () => {
    expect(broken(inState({ deadline: 1_005 + 60_001 }))).toEqual(["I4"]);
  });
});

describe("I5", () => {
  it("is broken by a success that the provider knows nothing of", () => {
    expect(broken(NOT_SENT)).toEqual(["I5"]);
    expect(broken({ provider: [aProviderEntry({ accepted: false })], counters: undefined })).toEqual(["I5"]);
  });

  it("is broken by a failure of what the provider took", () => {
    expect(broken(ended("failed", "ServiceUnavailable"))).toEqual(["I5"]);
  });

  it("allows a failure whose outcome was lost, if it says so", () => {
    const provider = [aProviderEntry({ receivedAt: DEADLINE - 5, answeredAt: DEADLINE - 5 })];

    expect(broken({ provider, ...ended("expired", "answer_lost") })).toEqual([]);
    expect(broken({ provider, ...ended("expired", "ServiceUnavailable") })).toEqual(["I5"]);
    expect(broken({ ...AFTER_KILL, ...ended("expired", "deadline_passed") })).toEqual([]);
  });
});

describe("I6", () => {
  it("is broken by one key under two ids, told or sent", () => {
    const [first] = aClientEntry().tries;
    const second = { sentAt: 1_100, answer: { kind: "answered", at: 1_105, status: 202, id: OTHER_ID } } as const;
    const states = new Map([
      [ID, aStateEntry()],
      [OTHER_ID, aStateEntry()],
    ]);
    const sentAgain = aProviderEntry({ pushId: OTHER_ID, apnsId: OTHER_ID });
    const client = [aClientEntry({ tries: [...(first === undefined ? [] : [first]), second] })];

    expect(broken({ client, states, provider: [aProviderEntry(), sentAgain], counters: undefined })).toEqual(["I6"]);
    expect(broken({ states, provider: [aProviderEntry(), sentAgain], counters: undefined })).toEqual(["I6"]);
  });
});

it.each([
  ["I7", { queueLeft: 1 }],
  ["I7", { queueLeft: Number.NaN }],
  ["I8", { counters: { accepted: 2, ended: 2, leasesLost: 0, attemptsDelivered: 1 } }],
  ["I8", { counters: { accepted: 1, ended: 0, leasesLost: 0, attemptsDelivered: 1 } }],
  ["I8", { counters: { accepted: 1, ended: 1, leasesLost: 0, attemptsDelivered: 2 } }],
  ["I12", { accidents: ["a gateway ended by itself"] }],
])("finds %s broken by %o", (invariant, overrides) => {
  expect(broken(overrides)).toEqual([invariant]);
});
describe("I9", () => {
  it("is broken by a push that ended as poison", () => {
    expect(broken({ ...NOT_SENT, ...ended("failed", "poison") })).toContain("I9");
  });
});
