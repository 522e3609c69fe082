import { explainReason } from "../providers/explain-reason.ts";
import type { Explanation } from "../push/explanations/explanation.ts";
import { SLEEPING_PHONE_EXPLANATIONS, type SleepingPhone } from "../push/explanations/sleeping-phone.ts";
import { cameInTime, endOf, hasUnknownPhone, listPhones, type Phone } from "./phones.ts";
import type { TracedCall, TracedDelivery, TracedPush } from "./trace-report.ts";

/** Why phones were not there for a call, or not reached at all. */
export interface Trouble {
  /** None: it is about all of the subscriber's. */
  readonly phones: readonly string[];
  /** The provider's word, or the gateway's. */
  readonly reason: string;
  readonly explanation: Explanation;
  /** Their providers took the push. */
  readonly isReached: boolean;
}

/** A phone that wakes usually is there sooner. */
const PATIENCE_MS = 5_000;

export function findCallTroubles(call: TracedCall): readonly Trouble[] {
  const sleeping = listPhones(call).filter((phone) => !cameInTime(phone, call));
  const ofPhones = sleeping.flatMap((phone) => {
    const found = phone.takenAt === undefined ? judgeUnreached(phone.delivery) : judgeReached(call, phone);
    return found === undefined ? [] : [{ device: phone.device, ...found }];
  });
  const troubles = [...call.pushes.flatMap(findOwnTrouble), ...group(ofPhones)];
  if (troubles.length > 0 || call.state !== "unreachable" || call.reason === undefined) return troubles;
  // The attempts may not have been written down yet.
  return [{ phones: [], ...explained(call.reason) }];
}

/** Of a push that rings for no call. */
export function findPushTroubles(push: TracedPush): readonly Trouble[] {
  const ofPhones = push.deliveries.flatMap((delivery) => {
    const found = delivery.state === "delivered" ? undefined : judgeUnreached(delivery);
    return found === undefined ? [] : [{ device: delivery.device, ...found }];
  });
  return [...findOwnTrouble(push), ...group(ofPhones)];
}

type Judgement = Omit<Trouble, "phones">;

/** Nothing was sent to anybody. */
function findOwnTrouble({ state, reason }: TracedPush): Trouble[] {
  return state === "suppressed" && reason !== undefined ? [{ phones: [], ...explained(reason) }] : [];
}

function explained(reason: string): Judgement {
  return { reason, explanation: explainReason(reason), isReached: false };
}

function asleep(reason: SleepingPhone): Judgement {
  return { reason, explanation: SLEEPING_PHONE_EXPLANATIONS[reason], isReached: reason !== "withdrawn" };
}

/** Its provider has the push, and the phone was not there in time. */
function judgeReached(call: TracedCall, { takenAt = 0, cameAt }: Phone): Judgement | undefined {
  if (cameAt !== undefined) return asleep("came_too_late");
  // A phone that came without a name may have been this one, and one that may still come has not failed yet.
  if (call.ringing || hasUnknownPhone(call)) return undefined;
  const waitedMs = endOf(call) - takenAt;
  if (waitedMs >= PATIENCE_MS) return asleep("never_came");
  // Somebody has taken the call on another phone: that this one had no time is as it should be.
  if (call.state === "answered" || call.state === "declined") return undefined;
  return asleep(takenAt - Date.parse(call.started_at) > waitedMs ? "sent_too_late" : "ended_too_soon");
}

/** Its provider has not taken the push, or not yet. */
function judgeUnreached({ state, reason, tries = [] }: TracedDelivery): Judgement | undefined {
  if (state !== "cancelled") return reason === undefined ? undefined : explained(reason);
  const last = tries.at(-1);
  const met = reason ?? last?.cause ?? last?.reason;
  return met === undefined ? asleep("withdrawn") : explained(met);
}

/** Phones with the same trouble together. */
function group(found: readonly (Judgement & { readonly device: string })[]): Trouble[] {
  const groups = Map.groupBy(found, ({ reason }) => reason);
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { device: _device, ...judgement } = first;
    return [{ phones: same.map(({ device }) => device), ...judgement }];
  });
}
