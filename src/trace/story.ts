import type { CallState } from "../push/call.ts";
import { nameProvider } from "../providers/providers.ts";
import { concludeCall, concludePush } from "./conclude.ts";
import { tellDelivery, type About } from "./tell-delivery.ts";
import { tellHistory } from "./tell-history.ts";
import { formatClockFrom, formatSpan, type Moment } from "./time-words.ts";
import type { TracedCall, TracedDelivery, TracedPush } from "./trace-report.ts";
import { findCallTroubles, findPushTroubles, type Trouble } from "./trouble.ts";

/** History of a call or a push from the request to the end, with reasons. */
export interface Story {
  readonly title: string;
  /** Epoch milliseconds from which the moments are counted. */
  readonly startedAt: number;
  readonly moments: readonly Moment[];
  readonly conclusion: string;
  readonly troubles: readonly Trouble[];
}

export function buildCallStory(call: TracedCall): Story {
  const { call_id: id, caller = "somebody", callee, pushes, end_pushes: endPushes } = call;
  const told = endPushes.flatMap((push) =>
    push.deliveries.flatMap((delivery) => tellDelivery(push, delivery, aboutEnd(call.state))),
  );
  const rang = pushes.flatMap((push) => push.deliveries.flatMap((delivery) => tellDelivery(push, delivery)));
  const startedAt = Date.parse(call.started_at);
  const replayed = tellReplays([...pushes, ...endPushes]);
  const later = [...rang, ...tellHistory(call), ...told, ...tellFurtherRequests(pushes), ...replayed];
  return {
    title: `Call ${id}: ${caller} calls ${callee}`,
    startedAt,
    moments: [{ at: startedAt, text: describeRequest(call) }, ...later.toSorted((a, b) => a.at - b.at)],
    conclusion: concludeCall(call),
    troubles: findCallTroubles(call),
  };
}

export function buildPushStory(push: TracedPush): Story {
  const { id, kind, caller, callee, accepted_at: acceptedAt, replay_of: older } = push;
  const startedAt = Date.parse(acceptedAt);
  const moments = [...push.deliveries.flatMap((delivery) => tellDelivery(push, delivery)), ...tellReplays([push])];
  const asked = older === undefined ? "A push was asked for." : `Push ${older} was sent again as this one.`;
  const text = [asked, describeTime(push), ...describePhones([push])].join(" ");
  return {
    title: `Push ${id}: ${kind} for ${callee}${caller === undefined ? "" : `, from ${caller}`}`,
    startedAt,
    moments: [{ at: startedAt, text }, ...moments.toSorted((a, b) => a.at - b.at)],
    conclusion: concludePush(push),
    troubles: findPushTroubles(push),
  };
}

function describeSource({ asked_by: door, pushes: [first] }: TracedCall): string {
  if (door === "v1") return "the HTTP API";
  if (door !== "replay") return `the dialect ${door}`;
  return first?.replay_of === undefined ? "a replay of an earlier push" : `a replay of push ${first.replay_of}`;
}

function describeRequest(call: TracedCall): string {
  const [first] = call.pushes;
  const asked = `Asked for through ${describeSource(call)}.`;
  if (first === undefined) return `${asked} Its push is no longer known.`;
  const time = describeTime({ ...first, accepted_at: call.started_at, deadline: call.deadline });
  return [asked, time, ...describePhones(call.pushes)].join(" ");
}

function describeTime({ accepted_at: acceptedAt, deadline, preferences = {}, ...push }: TracedPush): string {
  const set = Object.entries(preferences).map(([name, value]) => `${name}=${value}`);
  const preference = set.length === 0 ? "" : ` Set for the callee then: ${set.join(", ")}.`;
  if (push.state === "suppressed") return `Nothing was sent: ${push.reason ?? "no reason is known"}.${preference}`;
  const [from, until] = [Date.parse(acceptedAt), Date.parse(deadline)];
  return `Worth a push for ${formatSpan(until - from)}, until ${formatClockFrom(from, until)} UTC.${preference}`;
}

function describePhones(pushes: readonly TracedPush[]): string[] {
  const phones = pushes.flatMap(({ kind, deliveries }) => deliveries.map((delivery) => describePhone(kind, delivery)));
  return phones.length === 0 ? [] : [`To ${phones.join(", ")}.`];
}

function describePhone(kind: string, { device, provider, environment, token_kind: tokenKind }: TracedDelivery): string {
  const service = `${nameProvider(provider)}${environment === "sandbox" ? "'s sandbox" : ""}`;
  return `${device} (${service}${kind === "call" ? describeAlert(tokenKind) : ""})`;
}

/** Such a phone shows the call, but does not ring by CallKit. */
function describeAlert(tokenKind: string): string {
  if (tokenKind === "remote") return ", an alert: it has no VoIP token";
  return tokenKind.startsWith("ios_") ? ", an alert to an iPhone: CallKit needs APNs and a VoIP token" : "";
}

/** A platform that keeps the tokens sends one request per phone. */
function tellFurtherRequests(pushes: readonly TracedPush[]): Moment[] {
  return pushes.slice(1).map(({ accepted_at: at, deliveries }) => ({
    at: Date.parse(at),
    text: `Asked for once more, for ${deliveries.map(({ device }) => device).join(", ")}.`,
  }));
}

function tellReplays(pushes: readonly TracedPush[]): Moment[] {
  return pushes.flatMap(({ id, replayed_as: newer, replayed_at: at }) =>
    newer === undefined || at === undefined
      ? []
      : [{ at: Date.parse(at), text: `Push ${id} was replayed: it was sent again as push ${newer}.` }],
  );
}

const END_WORDS = {
  answered: "was answered elsewhere",
  declined: "was declined elsewhere",
  cancelled: "was cancelled",
  missed: "was missed",
  ringing: "has ended",
  registered: "has ended",
  unreachable: "has ended",
} as const satisfies Record<CallState, string>;

function aboutEnd(state: CallState): About {
  return (device, isTaken) => `${device} was ${isTaken ? "" : "to be "}told that the call ${END_WORDS[state]}`;
}
