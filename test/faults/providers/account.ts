import type { Attempt } from "../../../src/simulator/mailbox.ts";
import type { Simulator } from "../../../src/simulator/simulator.ts";
import type { PushState } from "./provider-scene.ts";

/** What the phones got, push by push, against what the gateway says it did. */
export interface Account {
  /** Said to be delivered or not, no phone got them. */
  readonly lost: readonly string[];
  /** A phone got them more than once. */
  readonly doubled: readonly string[];
  /** Those of them with a single attempt: nothing was left in doubt that would call for a second. */
  readonly unexplained: readonly string[];
  /** What phones got that nobody had sent. */
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

/** Of a push to one phone. */
const attemptsOf = ({ deliveries }: PushState): number => deliveries[0]?.attempts ?? 0;

/** The gateway's id of the push, as the app reads it from the payload. */
export function pushIdOf({ provider, payload }: Attempt): string {
  const message = (payload as { readonly message?: { readonly data?: AppData } } | undefined)?.message;
  return (provider === "apns" ? (payload as AppData) : message?.data)?.push_id ?? "";
}

interface AppData {
  readonly push_id?: string;
}

/** All of them by one attempt. */
export const isSmooth = (ends: readonly PushState[]): boolean =>
  isInTime(ends) && ends.every((end) => attemptsOf(end) === 1);

/** All of them delivered, and before their deadlines. */
export const isInTime = (ends: readonly PushState[]): boolean =>
  ends.every(({ state, ended_at = "", deadline }) => state === "delivered" && ended_at <= deadline);
