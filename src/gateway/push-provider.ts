import type { Throttled } from "../push/throttled.ts";
import type { Outcome } from "../push/outcome.ts";
import type { Push, Target } from "../push/push.ts";

/** One attempt: everything that a provider needs for its request. */
export interface Attempt {
  readonly push: Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;
  readonly target: Target;
  /** Decides when the request may be built; at once if undefined. */
  readonly turn?: BuildTurn;
}

/** Lets a push that may have killed a gateway be built while no other is. */
export interface BuildTurn {
  /** Runs `build`, which must be synchronous, in its turn. */
  run<T>(build: () => T): Promise<T>;
}

/** Builds an attempt's request in its turn. */
export async function buildInTurn<T>({ turn }: Attempt, build: () => T): Promise<T> {
  return turn === undefined ? build() : turn.run(build);
}

/** One app at Apple or Google. */
export interface PushProvider extends AsyncDisposable {
  /** Name of the app, such as `global/apns` or `example.org/fcm`, for alarms, limits and metrics. */
  readonly app: string;
  /**
   * Sends one attempt. Every answer of the provider is an outcome, and so is a missing one (`deferred`). A rejection is
   * a bug. `signal` ends the attempt, at the latest at the push's deadline.
   */
  send(attempt: Attempt, signal: AbortSignal): Promise<Outcome>;
}

/** A provider behind the limits of its app, which may throttle a push and end an attempt after its time. */
export interface GuardedProvider extends Omit<PushProvider, "send"> {
  /** `stop` cancels the attempt. */
  send(attempt: Attempt, stop: AbortSignal): Promise<Outcome | Throttled>;
}

/** Returns the app that serves a domain's devices of a provider, or undefined if none is configured. */
export type FindProvider = (domain: string, provider: Target["provider"]) => GuardedProvider | undefined;
