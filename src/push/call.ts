import type { Aor } from "./address.ts";
import type { ProviderName } from "./device.ts";
import { compact } from "./compact.ts";

export const CALL_STATES = [
  "ringing",
  "registered",
  "answered",
  "cancelled",
  "declined",
  "missed",
  "unreachable",
] as const;
export type CallState = (typeof CALL_STATES)[number];
export type OpenCallState = "ringing" | "registered";
export type EndedCallState = Exclude<CallState, OpenCallState>;

/**
 * All state transitions of a call. `registered`: a phone has been woken and is ready for its INVITE, while others may
 * still ring. An end state has no transitions.
 */
export const CALL_STEPS = {
  ringing: ["registered", "answered", "cancelled", "declined", "missed", "unreachable"],
  registered: ["registered", "answered", "cancelled", "declined", "missed"],
  answered: [],
  cancelled: [],
  declined: [],
  missed: [],
  unreachable: [],
} as const satisfies Record<CallState, readonly CallState[]>;

/** A phone that registered while the call rang. */
export interface CallRegistration {
  /** Epoch milliseconds. */
  readonly at: number;
  /** SIP URI of the phone. */
  readonly contact?: string;
  readonly deviceId?: string;
  /** Provider that woke the phone, if the phone is known. */
  readonly provider?: ProviderName;
  /** Why its REGISTER did not say how to wake it. */
  readonly problem?: string;
}

export interface CallEntry {
  readonly at: number;
  /** Kind of the event. */
  readonly event: CallEvent["kind"];
  readonly deviceId?: string;
  readonly detail?: string;
  /** For a registration: why it did not say how to wake the phone. */
  readonly problem?: string;
  /** Set for an event that changed nothing, because it came after the end or the state has no transition for it. */
  readonly late?: true;
}

/** One call for one subscriber, from the request to ring until its end. */
export interface Call {
  readonly callee: Aor;
  /** The SIP Call-ID, or the push's id if the platform sent none. Callee and id identify the call. */
  readonly id: string;
  /** Ids of the pushes that ring: one, or one per phone if the platform keeps the tokens. */
  readonly pushIds: readonly string[];
  readonly caller?: string;
  /** Name of the dialect that asked for the call. */
  readonly door: string;
  /** Secret with which the woken app may ask for this call only. */
  readonly urlToken: string;
  readonly state: CallState;
  /** Why the call ended, if the state alone does not say: `no_device`, `push_disabled`, or a provider's reason. */
  readonly reason?: string;
  readonly startedAt: number;
  /** Epoch milliseconds after which no phone needs to be woken. */
  readonly deadline: number;
  readonly endedAt?: number;
  readonly registrations: readonly CallRegistration[];
  /** Device that answered or declined. */
  readonly endedBy?: string;
  readonly history: readonly CallEntry[];
  /** Rises with every change. A writer must have read the latest one. */
  readonly revision: number;
}

export type CallEvent =
  | ({ readonly kind: "registered" } & Omit<CallRegistration, "at">)
  /** A phone rings; the call's state does not change. */
  | { readonly kind: "ringing"; readonly deviceId?: string }
  | { readonly kind: "answered" | "declined"; readonly deviceId?: string }
  | { readonly kind: "cancelled" | "missed" }
  /** No phone can be woken. */
  | { readonly kind: "unreachable"; readonly reason: string };

export function isCallEnded(state: CallState): state is EndedCallState {
  return CALL_STEPS[state].length === 0;
}

/** Platforms report events for some time after the deadline: a phone may answer late. */
const LINGER_MS = 120_000;
/** A longer history must come from a loop. Its beginning and its newest entries are kept. */
const LONGEST_HISTORY = 40;
const KEPT_BEGINNING = 20;
const MOST_REGISTRATIONS = 20;

/** Returns the call's state at `now`. A call without events long after its deadline is missed. */
export function readCall(call: Call, now: number): Call {
  if (call.state !== "ringing" || now < call.deadline + LINGER_MS) return call;
  return { ...call, state: "missed", reason: "nobody_registered", endedAt: call.deadline };
}

/** Returns true if a woken phone can still answer. */
export function isStillRinging({ state, deadline }: Call, now: number): boolean {
  return !isCallEnded(state) && now < deadline;
}

/** Returns the call after an event at `now` (epoch milliseconds), or the same object if nothing changes. */
export function applyCallEvent(before: Call, event: CallEvent, now: number): Call {
  const call = readCall(before, now);
  if (!isStep(call, event)) return noteLate(call, event, now);
  const changed = note(call, buildEntry(event, now));
  switch (event.kind) {
    case "ringing":
      return changed;
    case "registered":
      return { ...changed, state: event.kind, registrations: addRegistration(call.registrations, event, now) };
    case "answered":
    case "declined":
      return end(changed, event.kind, now, event.deviceId === undefined ? {} : { endedBy: event.deviceId });
    case "cancelled":
    case "missed":
      return end(changed, event.kind, now, {});
    case "unreachable":
      return end(changed, event.kind, now, { reason: event.reason });
  }
}

function isStep({ state }: Call, { kind }: CallEvent): boolean {
  if (kind === "ringing") return !isCallEnded(state);
  const steps: readonly CallState[] = CALL_STEPS[state];
  return steps.includes(kind);
}

function end(call: Call, state: EndedCallState, now: number, rest: Pick<Call, "endedBy" | "reason">): Call {
  return { ...call, ...rest, state, endedAt: now };
}

function note(call: Call, entry: CallEntry): Call {
  const { history, revision } = call;
  const kept =
    history.length < LONGEST_HISTORY
      ? history
      : [...history.slice(0, KEPT_BEGINNING), ...history.slice(KEPT_BEGINNING + 1)];
  return { ...call, history: [...kept, entry], revision: revision + 1 };
}

/** Records an event after the end while the history has room. */
function noteLate(call: Call, event: CallEvent, now: number): Call {
  if (call.history.length >= LONGEST_HISTORY) return call;
  return note(call, { ...buildEntry(event, now), late: true });
}

function addRegistration(
  known: readonly CallRegistration[],
  { kind: _kind, ...registration }: Extract<CallEvent, { kind: "registered" }>,
  at: number,
): readonly CallRegistration[] {
  return known.length >= MOST_REGISTRATIONS ? known : [...known, { at, ...registration }];
}

function buildEntry(event: CallEvent, at: number): CallEntry {
  const deviceId = "deviceId" in event ? event.deviceId : undefined;
  const detail = event.kind === "registered" ? event.contact : event.kind === "unreachable" ? event.reason : undefined;
  return compact({
    at,
    event: event.kind,
    deviceId,
    detail,
    problem: event.kind === "registered" && event.problem !== undefined ? event.problem : undefined,
  });
}
