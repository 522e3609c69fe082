import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { PushStore } from "../../gateway/push-store.ts";
import { readQueueUse, type LoadLimits } from "../../push/queue-room.ts";
import { createUuidV7 } from "../uuid-v7.ts";
import { createAccept } from "./accept.ts";
import { createBlankBatch } from "./blank.ts";
import { createDropDeadLetter, createListDeadLetters, createMarkReplayed } from "./dead-letters.ts";
import { createReadDepth } from "./depth.ts";
import { createFindPush } from "./find-push.ts";
import { createForgetBatch } from "./forget.ts";
import { createGiveBackStep } from "./give-back.ts";
import type { GroupCommit } from "./group-commit.ts";
import { createLease, createNoteSuspicion, createReadNextDueAt, createRenew } from "./lease.ts";
import { createReadTotals } from "./queue-load.ts";
import { createWakeOversleepers } from "./oversleepers.ts";
import { createCancel, createSettle } from "./settle.ts";
import type { ReadSnapshot } from "./snapshot.ts";

export interface SqlitePushStoreDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly commits: GroupCommit;
  readonly readSnapshot: ReadSnapshot;
  readonly keepContent: boolean;
  readonly limits: LoadLimits;
  readonly requireRoom: () => void;
  readonly close: () => Promise<void>;
}

/** Limit of steps for returning pages after each round of forgetting. The rest waits for the next round. */
const MOST_STEPS = 500;

export function createSqlitePushStore(deps: SqlitePushStoreDeps): PushStore {
  const { db, clock, commits, readSnapshot } = deps;
  const accept = createAccept(deps);
  const lease = createLease(deps);
  const readNextDueAt = createReadNextDueAt(db);
  const renew = createRenew(deps);
  const settle = createSettle(deps);
  const noteSuspicion = createNoteSuspicion(db);
  const cancel = createCancel(deps);
  const findPush = createFindPush(db);
  const listDeadLetters = createListDeadLetters(db);
  const dropDeadLetter = createDropDeadLetter(db);
  const markReplayed = createMarkReplayed(deps);
  const wakeOversleepers = createWakeOversleepers(db, clock);
  const readDepth = createReadDepth(db, clock);
  const readTotals = createReadTotals(db);
  const forgetBatch = createForgetBatch(db, clock);
  const blankBatch = createBlankBatch(db, clock);
  const giveBackStep = createGiveBackStep(db);

  return {
    // Ids that rise with time keep the writes together.
    newId: createUuidV7,
    accept: (acceptance) => commits.write(() => accept(acceptance)),
    async lease(request) {
      const nextDueAt = await readSnapshot(readNextDueAt);
      // Most polls find nothing, and then need no lock.
      if (nextDueAt === undefined) return { leases: [] };
      return nextDueAt > clock() ? { leases: [], nextDueAt } : commits.write(() => lease(request));
    },
    async renew(leases, leaseMs) {
      return leases.length === 0 ? { kept: new Set(), lost: new Set() } : commits.write(() => renew(leases, leaseMs));
    },
    settle: (lease, results, handBackAt) => commits.writeSoon(() => settle(lease, results, handBackAt)),
    noteSuspicion: (lease, suspicion) => commits.write(() => noteSuspicion(lease, suspicion)),
    cancel: (selector) => commits.write(() => cancel(selector)),
    get: (id) => readSnapshot(() => findPush(id)?.push),
    awaitEnd: (id) => readSnapshot(() => findPush(id)?.push),
    // A worker knows the ends of its own pushes, and waiters for other pushes poll.
    watchEnds: () => ({ [Symbol.dispose]: () => undefined }),
    listDeadLetters: (selector) => readSnapshot(() => listDeadLetters(selector)),
    dropDeadLetter: (id) => commits.write(() => dropDeadLetter(id)),
    markReplayed: (id, replacement) => commits.write(() => markReplayed(id, replacement)),
    depth: () => readSnapshot(readDepth),
    async use() {
      const { queue, domains } = await readSnapshot(readTotals);
      return readQueueUse(queue, domains, deps.limits);
    },
    wakeOversleepers: (longest) => commits.write(() => wakeOversleepers(longest)),
    async forgetEnded(olderThanMs) {
      let forgotten = 0;
      for (let isLast = false; !isLast;) {
        const batch = await commits.write(() => forgetBatch(olderThanMs));
        forgotten += batch.pushes;
        isLast = batch.isLast;
      }
      while (!(await commits.write(blankBatch)));
      for (let steps = 0; steps < MOST_STEPS && (await commits.write(giveBackStep)); steps += 1);
      return forgotten;
    },
    [Symbol.asyncDispose]: deps.close,
  };
}
