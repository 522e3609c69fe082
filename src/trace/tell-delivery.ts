import { explainReason } from "../providers/explain-reason.ts";
import { KEPT_FIRST } from "../push/attempt-records.ts";
import { nameProvider } from "../providers/providers.ts";
import { formatSpan, type Moment } from "./time-words.ts";
import type { TracedDelivery, TracedPush, TracedAttempt } from "./trace-report.ts";

/** How a sentence begins about an attempt; `isTaken`: the provider took the push. */
export type About = (device: string, isTaken: boolean) => string;

const aboutDevice: About = (device) => device;

/** Each attempt at one phone, what held it back, and what ended it. */
export function tellDelivery(push: TracedPush, delivery: TracedDelivery, about: About = aboutDevice): Moment[] {
  const told: Told[] = [...tellAttempts(delivery), ...tellEnd(push, delivery)];
  return told.map(({ at, text, isTaken = false }) => ({ at, text: `${about(delivery.device, isTaken)}: ${text}` }));
}

interface Told extends Moment {
  readonly isTaken?: boolean;
}

function tellAttempts(delivery: TracedDelivery): Told[] {
  const { tries = [], attempts } = delivery;
  const numbers = numberAttempts(tries, attempts);
  const explained = new Set<string>();
  return tries.map((one, index) => {
    const { at, outcome, took_ms: tookMs, reason } = one;
    const isNew = reason !== undefined && !explained.has(reason);
    if (reason !== undefined) explained.add(reason);
    const end = index === tries.length - 1 ? describeGivingUp(delivery, one) : "";
    const number = numbers[index] ?? 1;
    const which = outcome === "held" || attempts <= 1 ? "" : `attempt ${number}: `;
    const meaning = isNew ? ` ${explainReason(reason).meaning}` : "";
    const began = Date.parse(at);
    return {
      at: outcome === "held" ? began : began + tookMs,
      isTaken: outcome === "delivered",
      text: `${which}${describeAttempt(delivery, one)}.${meaning}${end}`,
    };
  });
}

/** Of many attempts, those between the first and the newest are forgotten; the newest keep their numbers. */
function numberAttempts(tries: readonly TracedAttempt[], attempts: number): number[] {
  const made = tries.filter(({ outcome }) => outcome !== "held").length;
  let number = 0;
  return tries.map(({ outcome }, index) => {
    if (outcome !== "held") number += 1;
    return index < KEPT_FIRST ? number : number + attempts - made;
  });
}

function describeAttempt({ provider }: TracedDelivery, one: TracedAttempt): string {
  const { outcome, took_ms: tookMs, reason = outcome, cause } = one;
  const after = `after ${formatSpan(tookMs)}`;
  if (outcome === "delivered") return `${nameProvider(provider)} took the push ${after}`;
  if (outcome === "held") {
    const why = cause === undefined ? reason : `${reason}, since other pushes of the app had met ${cause}`;
    return `kept back${tookMs === 0 ? "" : ` for ${formatSpan(tookMs)}`} (${why})`;
  }
  return isOwnWord(reason)
    ? `the attempt failed ${after} (${reason})`
    : `${nameProvider(provider)} answered ${reason} ${after}`;
}

/** Ours begin with a small letter; no provider's do. */
function isOwnWord(reason: string): boolean {
  return /^[a-z]/.test(reason);
}

function describeGivingUp({ state }: TracedDelivery, { outcome }: TracedAttempt): string {
  if (state === "expired") {
    return outcome === "held" ? " The next turn would have come too late." : " No time was left for another attempt.";
  }
  return state === "failed" && outcome === "deferred" ? " No further attempt was made." : "";
}

/** Adds the end of a delivery if no attempt shows it. */
function tellEnd(push: TracedPush, { state, attempts, reason, tries = [] }: TracedDelivery): Moment[] {
  const at = Date.parse(push.ended_at ?? push.deadline);
  if (state === "cancelled") {
    const rest = tries.length === 0 ? "before anything was sent" : "before another attempt";
    const isUnderWay = push.reason === "cancelled_in_flight";
    const doubt = isUnderWay ? ", unless an attempt was under way: then the phone may have got it all the same" : "";
    return [{ at, text: `withdrawn ${rest}${doubt}.` }];
  }
  if (state === "pending" || tries.length > 0) return [];
  if (state === "expired" && attempts === 0) return [{ at, text: "no attempt was made before its time was over." }];
  // An older release has not kept them.
  return [{ at, text: `${state} after ${attempts} attempts${reason === undefined ? "" : `, at last ${reason}`}.` }];
}
