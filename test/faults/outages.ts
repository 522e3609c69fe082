import type { ClientEntry, Outage, Try } from "./ledgers.ts";

/** After a store is well, the gateway has to notice it, and to make good what it could not write meanwhile. */
const AFTERMATH_MS = 1_000;

/** Whether a request, or an attempt, of this time may have met with the outage, or a gateway's standstill, or its aftermath. */
export function isDuring(from: number, to: number, { at, readyAt }: Pick<Outage, "at" | "readyAt">): boolean {
  return from <= readyAt + AFTERMATH_MS && to >= at;
}

/**
 * For each outage: the time from the store's being well to the first push that is accepted for a subscriber for whom one had been
 * turned away; for anybody, where none had been. Nothing for an outage without an acceptance after it.
 */
export function readFirstAccepts(client: readonly ClientEntry[], outages: readonly Outage[]): readonly number[] {
  return outages.flatMap(({ at, readyAt }) => {
    const isTurnedAway = ({ answer }: Try) => answer.at >= at && answer.at <= readyAt && isRefusal(answer);
    const turnedAway = new Set(client.filter(({ tries }) => tries.some(isTurnedAway)).map(({ callee }) => callee));
    const waiting = turnedAway.size > 0 ? client.filter(({ callee }) => turnedAway.has(callee)) : client;
    const accepted = waiting.flatMap(({ tries }) =>
      tries.flatMap(({ answer }) => (isAcceptance(answer) && answer.at >= readyAt ? [answer.at] : [])),
    );
    const first = accepted.reduce((least, time) => Math.min(least, time), Infinity);
    return first === Infinity ? [] : [first - readyAt];
  });
}

function isAcceptance(answer: Try["answer"]): boolean {
  return answer.kind === "answered" && (answer.status === 202 || answer.status === 200);
}

function isRefusal(answer: Try["answer"]): boolean {
  return answer.kind !== "answered" || answer.status === 503;
}
