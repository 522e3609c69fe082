import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { Lease, LeaseBatch, LeaseRequest, Renewal, Suspicion } from "../../gateway/push-store.ts";
import { createFindPush } from "./find-push.ts";
import { prepare, type Statement } from "./statement.ts";
import { compact } from "../../push/compact.ts";

export interface LeaseDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
}

/** Values of `pushes.rank`: calls, then everything else. */
const RANKS = [0, 1] as const;

export function createLease({ db, clock }: LeaseDeps): (request: LeaseRequest) => LeaseBatch {
  const findPush = createFindPush(db);
  const readNextDueAt = createReadNextDueAt(db);
  // A push that still has a token was not handed back: its worker died or stalled.
  const take: Statement<{ lone_deaths: number | null }> = prepare(
    db,
    `UPDATE pushes SET lease_token = ?, due_at = ?, is_alone = 0,
       lone_deaths = CASE WHEN lease_token IS NULL THEN lone_deaths ELSE coalesce(lone_deaths, 0) + is_alone END
     WHERE id = ? RETURNING lone_deaths`,
  );
  // One rank at a time, so that the index returns only due pushes, in order.
  const due: Statement<{ id: string }> = prepare(
    db,
    "SELECT id FROM pushes WHERE state = 'pending' AND rank = ? AND due_at <= ? ORDER BY due_at LIMIT ?",
  );

  return ({ limit, leaseMs }) => {
    const now = clock();
    const endsAt = now + leaseMs;
    const leases: Lease[] = [];
    for (const rank of RANKS) {
      for (const { id } of due.all(rank, now, limit - leases.length)) {
        const found = findPush(id);
        if (found === undefined) continue;
        const token = randomUUID();
        const loneDeaths = take.get(token, endsAt, id)?.lone_deaths ?? undefined;
        leases.push(compact({ push: found.push, token, endsAt, loneDeaths }));
      }
    }
    const nextDueAt = readNextDueAt();
    return nextDueAt === undefined ? { leases } : { leases, nextDueAt };
  };
}

export function createReadNextDueAt(db: DatabaseSync): () => number | undefined {
  const first: Statement<{ at: number | null }> = prepare(
    db,
    "SELECT min(due_at) AS at FROM pushes WHERE state = 'pending' AND rank = ?",
  );

  return () => {
    const instants = RANKS.flatMap((rank) => first.get(rank)?.at ?? []);
    return instants.length === 0 ? undefined : Math.min(...instants);
  };
}

export function createNoteSuspicion(db: DatabaseSync): (lease: Lease, suspicion: Suspicion) => void {
  const note = prepare(db, "UPDATE pushes SET is_alone = ?, lone_deaths = ? WHERE id = ? AND lease_token = ?");
  return ({ push, token }, { isAlone, loneDeaths = null }) => {
    note.run(isAlone ? 1 : 0, loneDeaths, push.id, token);
  };
}

export type Renew = (leases: readonly Pick<Lease, "push" | "token">[], leaseMs: number) => Renewal;

export function createRenew({ db, clock }: LeaseDeps): Renew {
  const prolong = prepare(
    db,
    "UPDATE pushes SET due_at = CASE state WHEN 'pending' THEN ? ELSE due_at END WHERE id = ? AND lease_token = ?",
  );

  return (leases, leaseMs) => {
    const endsAt = clock() + leaseMs;
    const isKept = ({ push, token }: Pick<Lease, "push" | "token">) => prolong.run(endsAt, push.id, token) > 0;
    const kept = new Set(leases.filter(isKept).map(({ token }) => token));
    const lost = new Set(leases.map(({ token }) => token).filter((token) => !kept.has(token)));
    return { kept, lost };
  };
}
