import { expect, it } from "vitest";
import { countRun } from "./count-run.ts";
import { aClientEntry, aProviderEntry, aRunRecord, DEADLINE, ID } from "./run-record-builders.ts";
import { listLateTakeOvers, readSpread, readTakeOvers } from "./take-over.ts";

const KILL = { at: 1_020, nextStartAt: 2_000 };

it("counts what was asked, accepted, sent and sent twice", () => {
  const unanswered = { kind: "no-answer", at: 1_005, reason: "ECONNRESET", isKept: false } as const;
  const client = [
    aClientEntry(),
    aClientEntry({ key: "k2", tries: [{ sentAt: 1_000, answer: unanswered }] }),
    aClientEntry({ key: "k3", tries: [{ sentAt: 1_000, answer: { kind: "answered", at: 1_005, status: 404 } }] }),
  ];
  const again = aProviderEntry({ receivedAt: DEADLINE + 500, answeredAt: DEADLINE + 500 });

  const counts = countRun(aRunRecord({ client, kills: [KILL], provider: [aProviderEntry(), again] }));

  expect(counts).toMatchObject({
    requested: 3,
    accepted: 1,
    refused: 1,
    noAnswer: 1,
    delivered: 1,
    lost: 0,
    sends: 2,
    duplicates: 1,
    duplicatesAllowed: 1,
    oldestDuplicateMs: 10,
    sendsAfterDeadline: 1,
  });
});

it("counts an accepted push as lost where the gateway does not know it, or calls it delivered and has not sent it", () => {
  expect(countRun(aRunRecord({ states: new Map([[ID, null]]) })).lost).toBe(1);
  expect(countRun(aRunRecord({ provider: [] })).lost).toBe(1);
});

it("measures a take-over from the kill to the next attempt that was owed", () => {
  const at = (receivedAt: number) => aProviderEntry({ receivedAt, answeredAt: receivedAt });
  const takeOvers = (...times: number[]) =>
    readTakeOvers(aRunRecord({ kills: [KILL], provider: times.map((time) => at(time)) }));

  expect(takeOvers(1_010, 5_020)).toEqual([4_000]);
  expect(takeOvers(5_020)).toEqual([4_000]);
  expect(takeOvers(1_010)).toEqual([]);
});

it("measures nothing where the gateway was kept away on purpose", () => {
  const kills = [{ ...KILL, staysAway: true }];
  const provider = [aProviderEntry(), aProviderEntry({ receivedAt: 9_000, answeredAt: 9_000 })];

  expect(readTakeOvers(aRunRecord({ kills, provider }))).toEqual([]);
});

it("calls a take-over late beyond five seconds, and beyond what the machine stalled", () => {
  const takeOverMs = { samples: 40, p50: 4_000, p99: 5_100, max: 5_100 };

  expect(listLateTakeOvers({ takeOverMs }, aRunRecord())).toEqual(["taken over after 5100 ms (p99 of 40)"]);
  expect(listLateTakeOvers({ takeOverMs }, aRunRecord({ oracleLagMs: 200 }))).toEqual([]);
});

it("allows a take-over the time by which the next gateway was started later than a lease ends", () => {
  const takeOverMs = { samples: 40, p50: 4_000, p99: 6_000, max: 6_000 };
  const startedAfter = (ms: number) => aRunRecord({ kills: [{ ...KILL, listeningAt: KILL.at + ms }] });

  expect(listLateTakeOvers({ takeOverMs }, startedAfter(4_500))).toHaveLength(1);
  expect(listLateTakeOvers({ takeOverMs }, startedAfter(5_500))).toEqual([]);
});

it("measures nothing where the next gateway was killed as well before it came to the push", () => {
  const kills = [KILL, { at: 3_000, nextStartAt: 4_000 }];
  const provider = [aProviderEntry(), aProviderEntry({ receivedAt: 5_000, answeredAt: 5_000 })];

  expect(readTakeOvers(aRunRecord({ kills, provider }))).toEqual([]);
});

it("reads percentiles by nearest rank", () => {
  const samples = Array.from({ length: 200 }, (_, index) => index + 1);

  expect(readSpread(samples)).toEqual({ samples: 200, p50: 100, p99: 198, max: 200 });
  expect(readSpread([])).toEqual({ samples: 0, p50: 0, p99: 0, max: 0 });
});
