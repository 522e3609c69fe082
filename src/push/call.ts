import type { Aor } from "./address.ts";
import type { ProviderName } from "./device.ts";

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
 * The life of a call: every step that there is. `registered`: a phone has been woken and is there for its INVITE, while
 * the others may still ring. An end leads nowhere, whatever is said later.
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

/** A phone that came while the call rang. */
export interface CallRegistration {
  /** Epoch milliseconds. */
  readonly at: number;
  /** The SIP URI that it can be reached at. */
  readonly contact?: string;
  readonly deviceId?: string;
  /** Through whom it was woken, where we know the phone. */
  readonly provider?: ProviderName;
  /** Why its REGISTER taught nothing of how to wake it. */
  readonly problem?: string;
}

export interface CallEntry {
  readonly at: number;
  /** What was heard, in a stable word. */
  readonly event: CallEvent["kind"];
  readonly deviceId?: string;
  readonly detail?: string;
  /** Of a registration: why it taught nothing of how to wake the phone. */
  readonly problem?: string;
  /** Said after the end, or a word that the state had no step for: it changed nothing. */
  readonly late?: true;
}

/** One call for one subscriber, from the request to ring to its end. */
export interface Call {
  readonly callee: Aor;
  /** The SIP Call-ID; the id of the push where the platform named none. With the callee it is the call's name. */
  readonly id: string;
  /** The pushes that ring: one, or one for each phone where the platform keeps the tokens. */
  readonly pushIds: readonly string[];
  readonly caller?: string;
  /** Who asked for it: a dialect's name. */
  readonly door: string;
  /** Lets the woken app ask for this call, and nothing else. */
  readonly urlToken: string;
  readonly state: CallState;
  /** Why it ended, where the state alone does not say: `no_device`, `push_disabled`, a provider's word. */
  readonly reason?: string;
  readonly startedAt: number;
  /** Epoch milliseconds until which waking a phone is worth anything. */
  readonly deadline: number;
  readonly endedAt?: number;
  readonly registrations: readonly CallRegistration[];
  /** The device that took the call, or declined it. */
  readonly endedBy?: string;
  readonly history: readonly CallEntry[];
  /** Rises with every change: who writes has to have seen the last one. */
  readonly revision: number;
}

export type CallEvent =
  | ({ readonly kind: "registered" } & Omit<CallRegistration, "at">)
  /** A phone rings; the call goes on. */
  | { readonly kind: "ringing"; readonly deviceId?: string }
  /** The phone is told by its name, or by the contact that it has registered. */
  | { readonly kind: "answered" | "declined"; readonly deviceId?: string; readonly contact?: string }
  | { readonly kind: "cancelled" | "missed" }
  /** No phone can be woken. */
  | { readonly kind: "unreachable"; readonly reason: string };

export function isCallEnded(state: CallState): state is EndedCallState {
  return CALL_STEPS[state].length === 0;
}

/** A platform that goes on telling us of its calls does so for a while after the push is worthless: a phone may be answered late. */
const LINGER_MS = 120_000;
/** More is a loop somewhere: the beginning and the newest of it stay. */
const LONGEST_HISTORY = 40;
const KEPT_BEGINNING = 20;
const MOST_REGISTRATIONS = 20;

/** The call as it is at `now`: one of which nothing was heard for long was missed. */
export function readCall(call: Call, now: number): Call {
  if (call.state !== "ringing" || now < call.deadline + LINGER_MS) return call;
  return { ...call, state: "missed", reason: "nobody_registered", endedAt: call.deadline };
}

/** Whether a woken phone still has something to take. */
export function isStillRinging({ state, deadline }: Call, now: number): boolean {
  return !isCallEnded(state) && now < deadline;
}

/** What follows from an event, at `now` (epoch milliseconds). The same call where nothing does. */
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
      return end(changed, event.kind, now, readEnder(call, event));
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

type Taken = Extract<CallEvent, { kind: "answered" | "declined" }>;

function readEnder({ registrations }: Call, { deviceId, contact }: Taken): Pick<Call, "endedBy"> {
  const address = contact === undefined ? undefined : readSipAddress(contact);
  const known = registrations.findLast((one) => one.contact !== undefined && readSipAddress(one.contact) === address);
  const endedBy = deviceId ?? (address === undefined ? undefined : known?.deviceId);
  return endedBy === undefined ? {} : { endedBy };
}

/** Of a Contact what tells one phone from another: user, host and port, whatever the parameters say. */
function readSipAddress(contact: string): string | undefined {
  return /sips?:([^;>\s]+)/i.exec(contact)?.[1]?.toLowerCase();
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

/** What is said after the end is worth knowing, and worth no more than the room that is left. */
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
  return {
    at,
    event: event.kind,
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(detail === undefined ? {} : { detail }),
    ...(event.kind === "registered" && event.problem !== undefined ? { problem: event.problem } : {}),
  };
}
