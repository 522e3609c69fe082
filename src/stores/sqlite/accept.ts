import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { Acceptance, AcceptResult, Lease, SuppressReason } from "../../gateway/push-store.ts";
import { isCallEnded } from "../../push/call.ts";
import { beginCall, isCallOver, shareCallUrl } from "../../push/call-begin.ts";
import { domainOf } from "../../push/address.ts";
import { readDeadline } from "../../push/deadline.ts";
import type { DedupKey } from "../../push/dedup-key.ts";
import { isPushEnabled } from "../../push/enable-policy.ts";
import { inheritPreferences, readPushPreferences } from "../../push/preferences.ts";
import { readKept } from "../../push/kept-content.ts";
import { isAboutCall, type Delivery, type Push, type PushState } from "../../push/push.ts";
import { findFullBound, type LoadLimits } from "../../push/queue-room.ts";
import { isSilent } from "../../push/silence.ts";
import { chooseTargets } from "../../push/targets.ts";
import { createFindCall, createInsertCall } from "./calls.ts";
import { createListDevices } from "./list-devices.ts";
import { createReadPreferences } from "./preferences.ts";
import { createReadLoads } from "./queue-load.ts";
import { prepare } from "./statement.ts";

export interface AcceptDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  /** Keeps texts and tokens of ended pushes. */
  readonly keepContent: boolean;
  readonly limits: LoadLimits;
  /** Throws if the disk is full: an accepted push needs room for its end as well. */
  readonly requireRoom: () => void;
}

export function createAccept(deps: AcceptDeps): (acceptance: Acceptance) => AcceptResult {
  const { db, clock, limits, keepContent, requireRoom } = deps;
  const findRepeat = createFindRepeat(db);
  const readPreferences = createReadPreferences(db);
  const listDevices = createListDevices(db, clock);
  const insertPush = createInsertPush(db);
  const insertCall = createInsertCall(db);
  const findCall = createFindCall(db);
  const readLoads = createReadLoads(db);

  return ({ id, request: asked, dedup, ttl, leaseMs, leaseToken, targets: given, call }) => {
    const now = clock();
    const repeat = findRepeat(dedup, now);
    if (repeat !== undefined) return repeat;
    requireRoom();

    const { callee } = asked;
    const effective = inheritPreferences(readPreferences(callee), readPreferences(domainOf(callee)));
    const request = { ...asked, silent: isSilent(asked, effective) };
    const deadline = readDeadline(asked, effective, ttl, now);
    const preferences = readPushPreferences(effective);
    const known = { id, request, acceptedAt: now, deadline, deliveries: [] };
    const push = preferences === undefined ? known : { ...known, preferences };
    const present = call && findCall(callee, call.id);
    const suppress = (reason: SuppressReason): AcceptResult => {
      const suppressed: Push = { ...push, state: "suppressed", reason };
      insertPush({ push: keepContent ? suppressed : blankSuppressed(suppressed, now), endedAt: now });
      if (call !== undefined && reason !== "call_ended") insertCall(beginCall(call, suppressed), present);
      return { kind: "suppressed", id, reason };
    };

    if (present !== undefined && isCallOver(present)) return suppress("call_ended");
    const isJoining = call !== undefined && present !== undefined && !isCallEnded(present.state);

    if (!isPushEnabled(effective)) return suppress("push_disabled");
    const targets = given ?? chooseTargets(asked.kind, listDevices(callee));
    if (targets.length === 0) return suppress("no_device");
    const bound = findFullBound(isAboutCall(asked), readLoads(callee), limits);
    if (bound !== undefined) return { kind: "full", bound };

    const deliveries = targets.map((target): Delivery => ({ ...target, state: "pending", attempts: 0 }));
    const shared = isJoining ? shareCallUrl(request, call.urlToken, present.urlToken) : request;
    const accepted: Push = { ...push, request: shared, state: "pending", deliveries };
    const lease: Lease = { push: accepted, token: leaseToken, endsAt: now + leaseMs };
    insertPush({ push: accepted, lease, dedup });
    if (call !== undefined) insertCall(beginCall(call, accepted), present);
    return { kind: "accepted", lease };
  };
}

/** Erases what a suppressed push does not need: nothing was sent, and nothing will be. */
function blankSuppressed(push: Push, endedAt: number): Push {
  return { ...push, request: readKept(push, "suppressed", endedAt)?.request ?? push.request };
}

interface FirstRow {
  readonly id: string;
  readonly fingerprint: string;
  readonly state: PushState;
  readonly keep_until: number;
}

function createFindRepeat(db: DatabaseSync): (dedup: DedupKey, now: number) => AcceptResult | undefined {
  // Only the newest: an older push with the same key had expired when that one was accepted.
  const select = prepare<FirstRow>(
    db,
    "SELECT id, fingerprint, state, keep_until FROM pushes WHERE dedup_key = ? ORDER BY seq DESC LIMIT 1",
  );

  return ({ key, explicit, fingerprint }, now) => {
    const first = select.get(key);
    if (first === undefined || first.keep_until <= now) return undefined;
    if (explicit && first.fingerprint !== fingerprint) return { kind: "conflict", id: first.id };
    return { kind: "repeat", id: first.id, state: first.state };
  };
}

type PushEntry =
  | { readonly push: Push; readonly endedAt: number }
  | { readonly push: Push; readonly lease: Lease; readonly dedup: DedupKey };

function createInsertPush(db: DatabaseSync): (entry: PushEntry) => void {
  const insertPush = prepare(
    db,
    `INSERT INTO pushes (id, kind, callee, state, reason, request, accepted_at, deadline, due_at, lease_token, ended_at,
       dedup_key, fingerprint, keep_until, preferences) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertDelivery = prepare(
    db,
    `INSERT INTO deliveries (push_id, position, device_id, provider, token_kind, token, environment, app, state, attempts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  return (entry) => {
    const { id, request, acceptedAt, deadline, state, reason, deliveries, preferences } = entry.push;
    const rest =
      "lease" in entry
        ? [entry.lease.endsAt, entry.lease.token, null, ...dedupColumns(entry.dedup, acceptedAt)]
        : [null, null, entry.endedAt, null, null, acceptedAt];
    const { kind, callee } = request;
    const known = [id, kind, callee, state, reason ?? null, JSON.stringify(request), acceptedAt, deadline];
    insertPush.run(...known, ...rest, preferences === undefined ? null : JSON.stringify(preferences));
    for (const [position, to] of deliveries.entries()) {
      const target = [to.deviceId, to.provider, to.tokenKind, to.token, to.environment, to.app ?? null];
      insertDelivery.run(id, position, ...target, to.state, to.attempts);
    }
  };
}

function dedupColumns({ key, fingerprint, windowMs }: DedupKey, acceptedAt: number): (string | number)[] {
  return [key, fingerprint, acceptedAt + windowMs];
}
