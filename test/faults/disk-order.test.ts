import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFaultRig } from "./fault-rig.ts";
import { buildPushRequest } from "./load.ts";
import type { OpenStore } from "./store-under-test.ts";
import { canTrace, readTracedAnswers, traceSystemCalls, type TracedAnswers } from "./system-calls.ts";

const PUSHES = 24;
const AT_ONCE = 6;

/** Power cannot be cut here. What can be seen is the order: a push is on the disk before its client is told so. */
async function pushAndTrace(durability: "process" | "disk"): Promise<TracedAnswers> {
  const openStore: OpenStore = async () => ({
    name: "sqlite",
    section: `{ kind: sqlite, path: sip-pushd.db, durability: ${durability} }`,
    [Symbol.asyncDispose]: async () => undefined,
  });
  await using rig = await openFaultRig({ seed: 1, openStore });
  const post = async (index: number) => {
    const { aor } = rig.subscribers[index % rig.subscribers.length] ?? rig.subscribers[0];
    const push = { key: `k${index}`, kind: "call", callee: aor, ttlSeconds: 60, tokens: [] } as const;
    await rig.client.post(buildPushRequest(push));
  };
  const trace = await traceSystemCalls(rig.gateway.pid, join(rig.directory, "trace"), async () => {
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
