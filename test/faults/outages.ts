import type { ClientEntry, Outage, Try } from "./ledgers.ts";

/** After the store has recovered, the gateway has to notice it, and to write what it could not write meanwhile. */
const AFTERMATH_MS = 1_000;

/**
 * Returns true if a request or an attempt in this period may have been affected by the outage, a gateway's freeze, or
 * their aftermath.
 */
export function isDuring(from: number, to: number, { at, readyAt }: Pick<Outage, "at" | "readyAt">): boolean {
  return from <= readyAt + AFTERMATH_MS && to >= at;
}

/**
 * Returns for each outage the time from the store's recovery to the first accepted push of a subscriber who had been
 * refused, or of any if none had been. An outage without a later acceptance is omitted.
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
