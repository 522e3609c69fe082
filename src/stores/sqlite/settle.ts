import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { CancelSelector, DeliveryResult, Lease, SettleResult } from "../../gateway/push-store.ts";
import { compact } from "../../push/compact.ts";
import { isLegalTransition } from "../../push/lifecycle.ts";
import {
  isTerminal,
  type Delivery,
  type DeliveryState,
  type Push,
  type PushState,
  type TerminalState,
} from "../../push/push.ts";
import { readPushState } from "../../push/push-result.ts";
import { blankAtEnd, createBlankTokens } from "./blank.ts";
import { createFindPush } from "./find-push.ts";
import { prepare } from "./statement.ts";

export interface SettleDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  /** Keeps texts and tokens of ended pushes. */
  readonly keepContent: boolean;
}

export type Settle = (lease: Lease, results: readonly DeliveryResult[], handBackAt?: number) => SettleResult;

/**
 * The token is the fence: a worker that took the push later has another one, and a cancelled push has none. An ended
 * push keeps the token that ended it, so that a worker without an answer may ask again.
 */
export function createSettle({ db, clock, keepContent }: SettleDeps): Settle {
  const findStanding = createFindStanding(db);
  const endPush = createEndPush(db, keepContent);
  const update = prepare(
    db,
    `UPDATE deliveries SET state = ?, attempts = ?, reason = ?, provider_message_id = ?, not_before = ?, tries = ?
     WHERE push_id = ? AND position = ?`,
  );
  const handBack = prepare(db, "UPDATE pushes SET lease_token = NULL, due_at = ? WHERE id = ?");

  return ({ push, token }, results, handBackAt) => {
    const { id } = push;
    const found = findStanding(push);
    if (found === undefined) return { kind: "gone" };
    if (found.leaseToken !== token) return { kind: "lost" };
    if (isTerminal(found.state)) return { kind: "settled", state: found.state };

    const deliveries = found.deliveries.map((delivery, position) => {
      const result = results.find(({ deviceId }) => deviceId === delivery.deviceId);
      if (result === undefined || !isLegalTransition(delivery.state, result.state)) return delivery;
      const { state, attempts, reason = null, providerMessageId = null, notBefore = null } = result;
      const tries = result.tries === undefined ? null : JSON.stringify(result.tries);
      update.run(state, attempts, reason, providerMessageId, notBefore, tries, id, position);
      return result;
    });
    const state = readPushState(deliveries);
    if (state !== undefined) {
      endPush(push, { state, reason: readReason(state, deliveries), leaseToken: token, endedAt: clock() });
      return { kind: "settled", state };
    }
    if (handBackAt !== undefined) handBack.run(handBackAt, id);
    return { kind: "settled", state: "pending" };
  };
}

/** The part of a stored push that a settlement needs. Request, tokens and deadline are in the worker's lease. */
interface Standing {
  readonly state: PushState;
  readonly leaseToken: string | null;
  readonly deliveries: readonly Pick<Delivery, "deviceId" | "state" | "reason">[];
}

function createFindStanding(db: DatabaseSync): (push: Push) => Standing | undefined {
  const select = prepare<{ state: PushState; lease_token: string | null }>(
    db,
    "SELECT state, lease_token FROM pushes WHERE id = ?",
  );
  const selectDeliveries = prepare<{ device_id: string; state: DeliveryState; reason: string | null }>(
    db,
    "SELECT device_id, state, reason FROM deliveries WHERE push_id = ? ORDER BY position",
  );

  return ({ id, deliveries: leased }) => {
    const row = select.get(id);
    if (row === undefined) return undefined;
    const standing = { state: row.state, leaseToken: row.lease_token };
    // A push with one delivery is pending for as long as that is.
    if (leased.length === 1) return { ...standing, deliveries: leased };
    const deliveries = selectDeliveries
      .all(id)
      .map(({ device_id: deviceId, state, reason }) => compact({ deviceId, state, reason: reason ?? undefined }));
    return { ...standing, deliveries };
  };
}

/** A success needs no reason. Otherwise the reason is that of the first delivery that ended like the push. */
function readReason(
  state: TerminalState,
  deliveries: readonly Pick<Delivery, "state" | "reason">[],
): string | undefined {
  if (state === "delivered") return undefined;
  return deliveries.find((delivery) => delivery.state === state && delivery.reason !== undefined)?.reason;
}

export function createCancel({
  db,
  clock,
  keepContent,
}: SettleDeps): (selector: CancelSelector) => PushState | undefined {
  const findPush = createFindPush(db);
  const endPush = createEndPush(db, keepContent);
  const cancelDeliveries = prepare(
    db,
    "UPDATE deliveries SET state = 'cancelled', not_before = NULL WHERE push_id = ? AND state = 'pending'",
  );

  return ({ id }) => {
    const found = findPush(id);
    if (found === undefined || isTerminal(found.push.state)) return found?.push.state;
    cancelDeliveries.run(id);
    // A phone that was woken stays woken, so the push was a success, although not on every phone.
    const isDelivered = found.push.deliveries.some(({ state }) => state === "delivered");
    const state = isDelivered ? "delivered" : "cancelled";
    const reason = isDelivered ? undefined : readCancelReason(found.leaseToken);
    endPush(found.push, { state, reason, leaseToken: null, endedAt: clock() });
    return state;
  };
}

/** The worker that held the push may have an attempt in flight whose outcome is not recorded, so the phone may ring. */
function readCancelReason(leaseToken: string | null): string {
  return leaseToken === null ? "cancelled_in_queue" : "cancelled_in_flight";
}

interface PushEnd {
  readonly state: TerminalState;
  readonly reason: string | undefined;
  readonly leaseToken: string | null;
  readonly endedAt: number;
}

function createEndPush(db: DatabaseSync, keepContent: boolean): (push: Push, end: PushEnd) => void {
  const update = prepare(
    db,
    `UPDATE pushes SET state = ?, reason = ?, lease_token = ?, ended_at = ?, due_at = NULL, request = ?, tokens_until = ?
     WHERE id = ?`,
  );
  const blankTokens = createBlankTokens(db);

  return (push, { state, reason, leaseToken, endedAt }) => {
    const { request, tokensUntil } = blankAtEnd(push, state, endedAt, keepContent);
    const areTokensDue = tokensUntil !== null && tokensUntil <= endedAt;
    update.run(state, reason ?? null, leaseToken, endedAt, request, areTokensDue ? null : tokensUntil, push.id);
    if (areTokensDue) blankTokens(push.id);
  };
}
