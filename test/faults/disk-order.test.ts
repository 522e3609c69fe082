import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFaultHarness, type FaultHarness } from "./fault-harness.ts";
import type { Answer } from "./ledgers.ts";
import { buildPushRequest } from "./load.ts";
import type { OpenStore } from "./store-under-test.ts";
import { canTrace, readTracedAnswers, refuseSyncs, traceSystemCalls, type TracedAnswers } from "./system-calls.ts";

const PUSHES = 24;
const AT_ONCE = 6;

type Durability = "process" | "disk";

const openAt =
  (durability: Durability): OpenStore =>
  async () => ({
    name: "sqlite",
    section: `{ kind: sqlite, path: sip-pushd.db, durability: ${durability} }`,
    [Symbol.asyncDispose]: async () => undefined,
  });

const poster = (fixture: FaultHarness) => (index: number) => {
  const { aor } = fixture.subscribers[index % fixture.subscribers.length] ?? fixture.subscribers[0];
  const push = { key: `k${index}`, kind: "call", callee: aor, ttlSeconds: 60, tokens: [] } as const;
  return fixture.client.post(buildPushRequest(push));
};

/** A test cannot cut the power. It can check the order: a push is on disk before its client is told so. */
async function pushAndTrace(durability: Durability): Promise<TracedAnswers> {
  await using fixture = await openFaultHarness({ seed: 1, openStore: openAt(durability) });
  const post = poster(fixture);
  const trace = await traceSystemCalls(fixture.gateway.pid, join(fixture.directory, "trace"), async () => {
    for (let index = 0; index < PUSHES; index += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, offset) => post(index + offset)));
    }
  });
  return readTracedAnswers(trace);
}

const TIMEOUT_MS = 60_000;

describe.skipIf(!canTrace())("the SQLite store", () => {
  it("has a push on the disk before it is acknowledged, at durability disk", { timeout: TIMEOUT_MS }, async () => {
    const { synced, early } = await pushAndTrace("disk");

    expect(early).toEqual([]);
    expect(synced).toHaveLength(PUSHES);
  });

  it("leaves that to the kernel at durability process", { timeout: TIMEOUT_MS }, async () => {
    const { early } = await pushAndTrace("process");

    expect(early.length).toBeGreaterThan(PUSHES / 2);
  });

  it(
    "acknowledges nothing that a sick disk has refused, and goes on when the disk does",
    { timeout: TIMEOUT_MS },
    async () => {
      await using fixture = await openFaultHarness({ seed: 1, openStore: openAt("disk") });
      const post = poster(fixture);
      const ill: Answer[] = [];

      await refuseSyncs(fixture.gateway.pid, async () => {
        for (let index = 0; index < PUSHES; index += 1) ill.push(await post(index));
      });
      const well = await Promise.all(Array.from({ length: PUSHES }, (_, index) => post(index)));

      // Nobody knows whether it reached the disk.
      const codes = ill.map((answer) => (answer.kind === "answered" ? `${answer.status} ${answer.code}` : answer.kind));
      expect(new Set(codes)).toEqual(new Set(["503 acceptance_unknown"]));
      // Repeated with the same keys, as the answers asked. Any that were stored after all are repeats.
      expect(well.filter((answer) => answer.kind !== "answered" || answer.status > 202)).toEqual([]);
      const ids = new Set(well.map((answer) => (answer.kind === "answered" ? answer.id : undefined)));
      expect(ids.size).toBe(PUSHES);
      expect(fixture.gateway.starts).toBe(1);
    },
  );
});

const ID = "01a21bbb-fd78-7302-9499-8abbb512db25";
const WAL = "22</var/lib/sip-pushd.db-wal>";
const WRITE = `7  pwrite64(${WAL}, "\\0\\2${ID}\\1", 4096, 24) = 4096`;
const SYNC = `7  fsync(${WAL}) = 0`;
const ANSWER = `7  write(25<socket:[4]>, "HTTP/1.1 202 Accepted\\r\\nlocation: /v1/pushes/${ID}\\r\\n", 344) = 344`;

describe("a trace", () => {
  it.each([
    ["written, synced, answered", [WRITE, SYNC, ANSWER], []],
    ["answered before the sync", [WRITE, ANSWER, SYNC], [ID]],
    ["synced before it was written", [SYNC, WRITE, ANSWER], [ID]],
    ["of a sync that failed", [WRITE, `7  fsync(${WAL}) = -1 EIO (Input/output error)`, ANSWER], [ID]],
    ["of another file's sync", [WRITE, "7  fsync(21</var/lib/sip-pushd.db>) = 0", ANSWER], [ID]],
    ["of a sync under way", [WRITE, `7  fsync(${WAL} <unfinished ...>`, ANSWER, "7  <... fsync resumed>) = 0"], [ID]],
    [
      "of a sync with others between",
      [WRITE, `7  fsync(${WAL} <unfinished ...>`, "7  <... fsync resumed>) = 0", ANSWER],
      [],
    ],
  ])("%s is read as that", (_what, lines, early) => {
    expect(readTracedAnswers(lines.join("\n")).early).toEqual(early);
  });
});
