import { Type, type Static } from "typebox";
import { buildCallUuid } from "../../push/uuids.ts";
import { CALL_STATES, isStillRinging, type Call } from "../../push/call.ts";
import { compact } from "../../push/compact.ts";

const Instant = Type.String();

const RegistrationBody = Type.Object({
  at: Instant,
  after_ms: Type.Integer(),
  contact: Type.Optional(Type.String()),
  device: Type.Optional(Type.String()),
  provider: Type.Optional(Type.String()),
});

const EntryBody = Type.Object({
  at: Instant,
  after_ms: Type.Integer(),
  event: Type.String(),
  device: Type.Optional(Type.String()),
  detail: Type.Optional(Type.String()),
  /** For a registration: why it did not say how to wake the phone. */
  problem: Type.Optional(Type.String()),
  /** The event came after the end, and changed nothing. */
  late: Type.Optional(Type.Boolean()),
});

/** One call of one subscriber, as platforms and operators see it. */
export const CallBody = Type.Object({
  call_id: Type.String(),
  callee: Type.String(),
  caller: Type.Optional(Type.String()),
  state: Type.Enum(CALL_STATES),
  reason: Type.Optional(Type.String()),
  ringing: Type.Boolean(),
  asked_by: Type.String(),
  push_ids: Type.Array(Type.String()),
  started_at: Instant,
  deadline: Instant,
  ended_at: Type.Optional(Instant),
  ended_by: Type.Optional(Type.String()),
  registrations: Type.Array(RegistrationBody),
  history: Type.Array(EntryBody),
});

/** The call as the woken app sees it, with nothing that was not in its push. */
export const AppCallBody = Type.Object({
  call_id: Type.String(),
  call_uuid: Type.String(),
  state: Type.Enum(CALL_STATES),
  ringing: Type.Boolean(),
  expires_at: Instant,
});

export const CallsBody = Type.Object({
  call_id: Type.String(),
  call_uuid: Type.String(),
  calls: Type.Array(CallBody),
});

export const SubscriberCallsBody = Type.Object({ calls: Type.Array(CallBody) });

export function buildSubscriberCallsBody(calls: readonly Call[], now: number): Static<typeof SubscriberCallsBody> {
  return { calls: calls.map((call) => buildCallBody(call, now)) };
}

export function buildCallsBody(id: string, calls: readonly Call[], now: number): Static<typeof CallsBody> {
  return { call_id: id, call_uuid: buildCallUuid(id), calls: calls.map((call) => buildCallBody(call, now)) };
}

export function buildAppCallBody(call: Call, now: number): Static<typeof AppCallBody> {
  const { id, state, deadline } = call;
  return {
    call_id: id,
    call_uuid: buildCallUuid(id),
    state,
    ringing: isStillRinging(call, now),
    expires_at: instant(deadline),
  };
}

export function buildCallBody(call: Call, now: number): Static<typeof CallBody> {
  const { id, callee, caller, state, reason, door, pushIds, startedAt, deadline, endedAt, endedBy } = call;
  return compact({
    call_id: id,
    callee,
    caller,
    state,
    reason,
    ringing: isStillRinging(call, now),
    asked_by: door,
    push_ids: pushIds.slice(),
    started_at: instant(startedAt),
    deadline: instant(deadline),
    ended_at: endedAt === undefined ? undefined : instant(endedAt),
    ended_by: endedBy,
    registrations: call.registrations.map(({ at, contact, deviceId, provider }) =>
      compact({
        at: instant(at),
        after_ms: at - startedAt,
        contact,
        device: deviceId,
        provider,
      }),
    ),
    history: call.history.map(({ at, event, deviceId, detail, problem, late }) =>
      compact({
        at: instant(at),
        after_ms: at - startedAt,
        event,
        device: deviceId,
        detail,
        problem,
        late,
      }),
    ),
  });
}

function instant(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
