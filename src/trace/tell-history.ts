import { readSipUri } from "../push/sip-uri.ts";
import { formatSpan, type Moment } from "./time-words.ts";
import type { TracedCall, TracedEntry } from "./trace-report.ts";

/** Tells the events of the call that the platform or a phone's registration reported. */
export function tellHistory(call: TracedCall): Moment[] {
  const came = new Set<string>();
  const told = call.history.map((entry) => {
    const who = entry.device ?? "a phone";
    const isAgain = entry.event === "registered" && came.has(who);
    if (entry.event === "registered") came.add(who);
    return { at: Date.parse(entry.at), text: describeEntry(call, entry, isAgain) };
  });
  return [...told, ...tellSilence(call)];
}

function describeEntry(call: TracedCall, entry: TracedEntry, isAgain: boolean): string {
  return `${describeEvent(call, entry, isAgain)}${describeLateness(call, entry)}.`;
}

function describeEvent(
  call: TracedCall,
  { event, device, detail, problem, late }: TracedEntry,
  isAgain: boolean,
): string {
  const by = late === true ? device : (call.ended_by ?? device);
  switch (event) {
    case "registered": {
      const where = detail === undefined ? "" : ` at ${readAddress(detail)}`;
      const untaught = problem === undefined ? "" : `, and its Contact could not be used: ${problem}`;
      return `${device ?? "A phone"} registered${isAgain ? " again" : ""}${where}${untaught}`;
    }
    case "ringing":
      return `${device ?? "A phone"} rang`;
    case "answered":
    case "declined":
      return `The call was ${event}${by === undefined ? "" : ` by ${by}`}`;
    case "cancelled":
      return "The caller hung up";
    case "missed":
      return "The platform gave the call up: nobody had answered";
    case "unreachable":
      return `The call was given up, as no phone could be woken${detail === undefined ? "" : ` (${detail})`}`;
  }
}

function describeLateness({ state, ended_at: endedAt, deadline }: TracedCall, entry: TracedEntry): string {
  if (entry.late !== true) {
    const lateMs = Date.parse(entry.at) - Date.parse(deadline);
    return entry.event === "registered" && lateMs > 0 ? `, ${formatSpan(lateMs)} too late` : "";
  }
  if (entry.event === state) return ": said once more";
  const afterMs = endedAt === undefined ? undefined : Date.parse(entry.at) - Date.parse(endedAt);
  return afterMs === undefined ? ", which changed nothing" : `, ${formatSpan(afterMs)} after the end`;
}

/** Nobody reports that nothing more happened. */
function tellSilence({ state, ringing, history, deadline }: TracedCall): Moment[] {
  const isTold = history.some(({ event, late }) => event === "missed" && late !== true);
  const isOver = (state === "missed" && !isTold) || (state === "ringing" && !ringing);
  return isOver ? [{ at: Date.parse(deadline), text: "The call's time was over." }] : [];
}

/** Returns the address of a phone without the other parts of its Contact, which include tokens. */
function readAddress(contact: string): string {
  const { scheme, user, host, port } = readSipUri(contact) ?? {};
  if (host === undefined || (scheme !== "sip" && scheme !== "sips")) return "an address that is not a SIP address";
  return `${scheme}:${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}`;
}
