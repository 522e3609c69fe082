import type { Held } from "../push/held.ts";
import type { Outcome } from "../push/outcome.ts";
import type { Push, Target } from "../push/push.ts";

/** One attempt: everything a provider has to know to make its request. */
export interface Attempt {
  readonly push: Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;
  readonly target: Target;
  /** When its request may be built; at once if it is absent. */
  readonly turn?: BuildTurn;
}

/** A push that may have killed a gateway is built while no other is. */
export interface BuildTurn {
  /** Runs `build` in its turn; it must not wait for anything. */
  run<T>(build: () => T): Promise<T>;
}

/** Builds an attempt's request, in its turn. */
export async function buildInTurn<T>({ turn }: Attempt, build: () => T): Promise<T> {
  return turn === undefined ? build() : turn.run(build);
}

/** One app at Apple or Google. */
export interface PushProvider extends AsyncDisposable {
  /** Whose app it is and at which provider, e.g. `global/apns` or `example.org/fcm`: for alarms, limits and metrics. */
  readonly app: string;
  /**
   * Every answer of the provider is an outcome, and so is the lack of one (`deferred`). A rejection is a bug of ours.
   * `signal` ends the attempt: at the latest at the push's deadline.
   */
  send(attempt: Attempt, signal: AbortSignal): Promise<Outcome>;
}

/** A provider behind the limits of its app, which may hold a push back, and which end an attempt in its time. */
export interface GuardedProvider extends Omit<PushProvider, "send"> {
  /** `stop` calls the attempt off. */
  send(attempt: Attempt, stop: AbortSignal): Promise<Outcome | Held>;
}

/** Which app serves a domain's devices of a provider; undefined where none is configured. */
export type FindProvider = (domain: string, provider: Target["provider"]) => GuardedProvider | undefined;
