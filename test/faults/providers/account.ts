import type { Attempt } from "../../../src/simulator/mailbox.ts";
import type { Simulator } from "../../../src/simulator/simulator.ts";
import type { PushState } from "./provider-fixture.ts";

/** Comparison of what the phones got with what the gateway reports, by push. */
export interface Account {
  /** Pushes that no phone got, whatever the gateway reports. */
  readonly lost: readonly string[];
  /** Pushes that a phone got more than once. */
  readonly doubled: readonly string[];
  /** Of these, pushes with a single attempt, for which nothing called for a second one. */
  readonly unexplained: readonly string[];
  /** Pushes that phones got but nobody sent. */
  readonly strange: readonly string[];
}

export const IN_ORDER: Account = { lost: [], doubled: [], unexplained: [], strange: [] };

export function readAccount(ends: readonly PushState[], simulator: Simulator): Account {
  const times = Map.groupBy(simulator.mailbox.deliveries(), pushIdOf);
  const known = new Set(ends.map(({ id }) => id));
  const doubled = ends.filter(({ id }) => (times.get(id)?.length ?? 0) > 1);
  return {
    lost: [...known].filter((id) => !times.has(id)),
    doubled: doubled.map(({ id }) => id),
    unexplained: doubled.filter((end) => attemptsOf(end) === 1).map(({ id }) => id),
    strange: [...times.keys()].filter((id) => !known.has(id)),
  };
}

/** Attempts of a push to one phone. */
const attemptsOf = ({ deliveries }: PushState): number => deliveries[0]?.attempts ?? 0;

/** Returns the gateway's push id from the payload, as the app reads it. */
export function pushIdOf({ provider, payload }: Attempt): string {
  const message = (payload as { readonly message?: { readonly data?: AppData } } | undefined)?.message;
  return (provider === "apns" ? (payload as AppData) : message?.data)?.push_id ?? "";
}

interface AppData {
  readonly push_id?: string;
}

/** True if all were delivered in time by one attempt. */
export const isSmooth = (ends: readonly PushState[]): boolean =>
  isInTime(ends) && ends.every((end) => attemptsOf(end) === 1);

/** True if all were delivered before their deadlines. */
export const isInTime = (ends: readonly PushState[]): boolean =>
  ends.every(({ state, ended_at = "", deadline }) => state === "delivered" && ended_at <= deadline);
