import type { Clock } from "../../gateway/clock.ts";
import type { Environment } from "../../push/device.ts";
import type { Outcome } from "../../push/outcome.ts";

/** How long a token that both environments refuse is sent to one of them alone. */
const REFUSED_MS = 3_600_000;
/** A token belongs to one environment for life: this is only for forgetting those that are no longer used. */
const FOUND_MS = 24 * 3_600_000;
/** Credentials for one environment alone stay so. */
const NOT_SERVED_MS = 3_600_000;
/** A firewall that allows Apple's production only must not make each refused token wait for its time-out. */
const OUT_OF_REACH_MS = 60_000;
const MAX_TOKENS = 10_000;

const OTHER = { production: "sandbox", sandbox: "production" } as const satisfies Record<Environment, Environment>;

interface Finding {
  /** The environment that knows the token; undefined where both refuse it. */
  readonly environment: Environment | undefined;
  readonly until: number;
}

/**
 * Finds the environment that knows a token. A token from Xcode belongs to the sandbox, one from the App Store to production, and apps
 * mix them up: a `BadDeviceToken` is asked about in the other environment, once, within the same attempt. What is found is remembered for
 * a while, so that a mix-up does not double the traffic for ever.
 */
export class TokenEnvironments {
  readonly #clock: Clock;
  /** In order of insertion: the oldest goes first. */
  readonly #findings = new Map<string, Finding>();
  readonly #closedUntil = new Map<Environment, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `ask` makes one request. An environment that is not the one the device was registered with is named in the outcome. */
  async send(
    { token, environment: named }: { readonly token: string; readonly environment: Environment },
    ask: (environment: Environment) => Promise<Outcome>,
  ): Promise<Outcome> {
    const finding = this.#find(token);
    const first = finding?.environment ?? named;
    const answer = await ask(first);
    if (!isUnknownToken(answer)) return nameEnvironment(answer, first, named);
    const other = OTHER[first];
    if (finding !== undefined || this.#isClosed(other)) return answer;
    const second = await ask(other);
    if (isUnknownToken(second)) {
      this.#remember(token, { environment: undefined, until: this.#clock() + REFUSED_MS });
      return answer;
    }
    if (second.kind === "misconfigured" || second.kind === "deferred") {
      const closedMs = second.kind === "deferred" ? OUT_OF_REACH_MS : NOT_SERVED_MS;
      this.#closedUntil.set(other, this.#clock() + closedMs);
      return answer;
    }
    this.#remember(token, { environment: other, until: this.#clock() + FOUND_MS });
    return nameEnvironment(second, other, named);
  }

  #find(token: string): Finding | undefined {
    const finding = this.#findings.get(token);
    if (finding === undefined || finding.until > this.#clock()) return finding;
    this.#findings.delete(token);
    return undefined;
  }

  #remember(token: string, finding: Finding): void {
    this.#findings.delete(token);
    this.#findings.set(token, finding);
    const [oldest] = this.#findings.keys();
    if (this.#findings.size > MAX_TOKENS && oldest !== undefined) this.#findings.delete(oldest);
  }

  #isClosed(environment: Environment): boolean {
    return (this.#closedUntil.get(environment) ?? -Infinity) > this.#clock();
  }
}

function isUnknownToken(outcome: Outcome): boolean {
  return outcome.kind === "rejected" && outcome.reason === "BadDeviceToken";
}

function nameEnvironment(outcome: Outcome, environment: Environment, named: Environment): Outcome {
  return outcome.kind === "delivered" && environment !== named ? { ...outcome, environment } : outcome;
}
