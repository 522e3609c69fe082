import { describe, expect, it } from "vitest";
import { countRun } from "./count-run.ts";
import { checkInvariants } from "./invariants.ts";
import type { Answer, RunRecord, Try } from "./ledgers.ts";
import { outagesPassed } from "./expect-outages.ts";
import { readFirstAccepts } from "./outages.ts";
import { aClientEntry, aProviderEntry, aRunRecord, ID } from "./run-record-builders.ts";
import { renderTotals } from "./totals.ts";

const LONG = { how: "killed", at: 1_005, readyAt: 9_000 } as const;
const SHORT = { how: "killed", at: 1_005, readyAt: 1_205 } as const;

function turnedAway(at: number, code = "acceptance_unknown"): Try {
  return { sentAt: at - 5, answer: { kind: "answered", at, status: 503, code } };
}

function accepted(at: number): Try {
  return { sentAt: at - 5, answer: { kind: "answered", at, status: 202, id: ID } };
}

function broken(overrides: Partial<RunRecord>): readonly string[] {
  return checkInvariants(aRunRecord({ counters: undefined, ...overrides })).map(({ invariant }) => invariant);
}

describe("a push that the store could not speak of", () => {
  const notCertain = { client: [aClientEntry({ tries: [turnedAway(1_500)] })] };

  it("may have been stored and sent, though its client was told 503", () => {
    expect(broken({ ...notCertain, outages: [LONG] })).toEqual([]);
  });

  it.each([
    ["without an outage", { outages: [] }],
    ["long after an outage", { outages: [{ ...SHORT, at: -20_000, readyAt: -19_000 }] }],
    [
      "where the gateway was certain",
      { outages: [LONG], client: [aClientEntry({ tries: [turnedAway(1_500, "store_unavailable")] })] },
    ],
  ])("must not be sent %s", (_when, overrides) => {
    expect(broken({ ...notCertain, ...overrides })).toEqual(["I2"]);
  });
});

describe("a push that was taken twice", () => {
  const again = aProviderEntry({ receivedAt: 9_500, answeredAt: 9_500 });
  const provider = [aProviderEntry(), again];

  it("is explained by an outage that outlasted its lease", () => {
    const record = aRunRecord({ counters: undefined, provider, outages: [LONG] });

    expect(broken(record)).toEqual([]);
    expect(countRun(record)).toMatchObject({
      duplicates: 1,
      duplicatesByCause: { outage: 1 },
      duplicatesUnexplained: 0,
    });
  });

  it("is not explained by an outage in which its lease must have run out before the first attempt", () => {
    const late = aProviderEntry({ receivedAt: 5_600, answeredAt: 5_600 });

    expect(broken({ provider: [late, again], outages: [LONG] })).toEqual(["I3"]);
  });

  it("is not explained by one that was over before, or came long after its answer", () => {
    expect(broken({ provider, outages: [SHORT] })).toEqual(["I3"]);
    expect(broken({ provider, outages: [{ ...LONG, at: 5_000 }] })).toEqual(["I3"]);
  });
});

describe("the first accept", () => {
  it("is that of a subscriber whose push had been turned away", () => {
    const client = [
      aClientEntry({ tries: [turnedAway(2_000), turnedAway(9_100), accepted(9_700)] }),
      aClientEntry({ key: "k2", callee: "bob@example.org", tries: [accepted(9_050)] }),
    ];

    expect(readFirstAccepts(client, [LONG])).toEqual([700]);
  });

  it("is anybody's where nobody was turned away, and missing where nothing was accepted", () => {
    expect(readFirstAccepts([aClientEntry({ tries: [accepted(9_050)] })], [LONG])).toEqual([50]);
    expect(readFirstAccepts([aClientEntry({ tries: [turnedAway(2_000)] })], [LONG])).toEqual([]);
  });
});

describe("an outage", () => {
  const found = (...tries: Try[]) => {
    const record = aRunRecord({ client: [aClientEntry({ tries })], outages: [LONG] });
    return outagesPassed(record, countRun(record));
  };

  it("has passed where pushes were refused at once and accepted soon after it", () => {
    expect(found(turnedAway(2_000), accepted(9_500))).toEqual([]);
  });

  it.each<[string, Try[], RegExp]>([
    ["that nobody noticed", [accepted(9_500)], /nobody noticed/],
    ["after which nothing is accepted", [turnedAway(2_000)], /no push was accepted/],
    ["after which accepts come late", [turnedAway(2_000), accepted(11_500)], /first push was accepted 2500 ms/],
    [
      "in which a client waits",
      [turnedAway(2_000), { ...turnedAway(6_000), sentAt: 2_000 }, accepted(9_500)],
      /answered later/,
    ],
    ["in which a client gets no answer", [turnedAway(2_000), unanswered(2_100), accepted(9_500)], /got no answer/],
  ])("is a finding %s", (_what, tries, finding) => {
    expect(found(...tries)).toEqual([expect.stringMatching(finding)]);
  });
});

it("adds up what all runs say", () => {
  const kill = { at: 1_020, nextStartAt: 2_000 };
  const again = aProviderEntry({ receivedAt: 5_020, answeredAt: 5_020 });
  const killed = countRun(aRunRecord({ kills: [kill], provider: [aProviderEntry(), again] }));
  const failed = countRun(aRunRecord({ outages: [LONG], states: new Map([[ID, null]]) }));

  const line = renderTotals([
    { counts: killed, takeOvers: [4_000], firstAccepts: [] },
    { counts: failed, takeOvers: [], firstAccepts: [120, 300] },
  ]);

  expect(line).toContain(
    "2 accepted pushes, 2 kills (1 of a gateway, 1 of Redis) and 0 other faults (0 of Redis, 0 gateways frozen), 1 lost",
  );
  expect(line).toContain("1 duplicates (1 whose first answer died with its gateway, 0 whose");
  expect(line).toContain("take-over p50/p99/max 4000/4000/4000 ms (1 samples)");
  expect(line).toContain("first accept after Redis is back p50/max 120/300 ms (2 outages)");
});

function unanswered(at: number): Try {
  const answer: Answer = { kind: "no-answer", at, reason: "ECONNRESET", isKept: true };
  return { sentAt: at - 5, answer };
}
