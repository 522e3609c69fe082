import { isTerminal } from "../push/push.ts";
import { cameInTime, endOf, listPhones } from "./phones.ts";
import { formatClock, formatSpan } from "./time-words.ts";
import { reachedAll, type TracedCall, type TracedEntry, type TracedPush } from "./trace-report.ts";

/** Sums the call up in one sentence. */
export function concludeCall(call: TracedCall): string {
  const { state, started_at: startedAt, ended_by: endedBy } = call;
  const startedMs = Date.parse(startedAt);
  const afterAll = formatSpan(endOf(call) - startedMs);
  const first = findArrival(call);
  const arrival = describeArrival(call, first);
  const by = endedBy === undefined ? readLikelyTaker(call) : ` by ${endedBy}`;
  switch (state) {
    case "unreachable":
      return describeUnreachable(call);
    case "answered":
    case "declined":
      return `The call was ${state}${by} after ${afterAll}${arrival === undefined ? "" : `; ${arrival}`}.`;
    case "cancelled":
      return `The caller hung up after ${afterAll}: ${arrival ?? "no phone had registered by then"}.`;
    case "missed":
      return arrival === undefined
        ? `No phone registered in the ${afterAll} until the call was given up.`
        : `Nobody answered in ${afterAll}; ${arrival}.`;
    case "registered":
      return describeArrived(call, first);
    case "ringing":
      return describeOpen(call, arrival);
  }
}

/**
 * Describes the phone that came first, as a part of a sentence. A phone that rang was there even if its REGISTER was
 * not relayed.
 */
function describeArrival(call: TracedCall, registered: TracedEntry | undefined): string | undefined {
  const rang = call.history.find(({ event, late }) => event === "ringing" && late !== true);
  const entry = registered ?? rang;
  if (entry === undefined) return undefined;
  const verb = entry.event === "ringing" ? "rung" : "registered";
  return `${entry.device ?? "a phone"} had ${verb} after ${sinceStart(call, entry)}`;
}

/** Describes a call without an end and without a registration. */
function describeOpen(call: TracedCall, arrival: string | undefined): string {
  const until = `The call goes on until ${formatClock(endOf(call))} UTC`;
  if (call.ringing) return `${until}: ${arrival ?? "no phone has registered so far"}.`;
  const span = formatSpan(endOf(call) - Date.parse(call.started_at));
  return arrival === undefined
    ? `No phone registered in the ${span} for which the call was to ring.`
    : `The call was to ring for ${span}; ${arrival}. How it ended the platform has not said.`;
}

export function concludePush(push: TracedPush): string {
  const { state, kind, deliveries } = push;
  const reached = deliveries.filter((delivery) => delivery.state === "delivered").length;
  if (state === "suppressed") return `Nothing was sent.`;
  if (reachedAll(push)) return `The ${kind} push was taken for every phone.`;
  const share = `it was taken for ${reached} of ${deliveries.length} phones`;
  if (!isTerminal(state)) return `The ${kind} push is still under way: ${share} so far.`;
  return state === "delivered"
    ? `The ${kind} push was delivered: ${share}.`
    : `The ${kind} push ${ENDED[state]}: ${share}.`;
}

const ENDED = {
  failed: "failed",
  expired: "came to nothing in its time",
  cancelled: "was cancelled",
} as const satisfies Record<string, string>;

function describeUnreachable(call: TracedCall): string {
  // A push that has been deleted may have been sent.
  const isNothingSent = call.pushes.length > 0 && call.pushes.every(({ state }) => state === "suppressed");
  if (isNothingSent) return "No phone rang: nothing was sent.";
  return `No phone could be woken: the call was given up after ${formatSpan(endOf(call) - Date.parse(call.started_at))}.`;
}

function describeArrived(call: TracedCall, first: TracedEntry | undefined): string {
  if (first === undefined) return "A phone registered.";
  const who = `${first.device ?? "A phone"} registered after ${sinceStart(call, first)}`;
  const lateMs = Date.parse(first.at) - endOf(call);
  if (lateMs > 0) return `${who}, ${formatSpan(lateMs)} after the call's time was over.`;
  return `${who}: the call could ring there. How it ended the platform has not said.`;
}

/** Returns the registration of the phone that took the call, or the first one if none of them did. */
function findArrival({ history, ended_by: endedBy }: TracedCall): TracedEntry | undefined {
  const came = history.filter(({ event, late }) => event === "registered" && late !== true);
  return came.find(({ device }) => device === endedBy) ?? came[0];
}

function sinceStart({ started_at: startedAt }: TracedCall, { at }: TracedEntry): string {
  return formatSpan(Date.parse(at) - Date.parse(startedAt));
}

/** Used if the platform does not name the phone, and only one had come. */
function readLikelyTaker(call: TracedCall): string {
  const there = listPhones(call).filter((phone) => cameInTime(phone, call));
  const [only] = there;
  return there.length === 1 && only !== undefined ? ` (as it seems, by ${only.device})` : "";
}
