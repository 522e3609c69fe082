import type { Clock } from "../../gateway/clock.ts";
import type { Environment } from "../../push/device.ts";
import type { Outcome } from "../../push/outcome.ts";

/** How long a token that both environments refuse is sent to only one of them. */
const REFUSED_MS = 3_600_000;
/** A token belongs to one environment for life. This only removes tokens that are no longer used. */
const FOUND_MS = 24 * 3_600_000;
/** How long credentials count as valid for only one environment. */
const NOT_SERVED_MS = 3_600_000;
/** A firewall that allows only Apple's production must not make each refused token wait for a timeout. */
const OUT_OF_REACH_MS = 60_000;
const MAX_TOKENS = 10_000;

const OTHER = { production: "sandbox", sandbox: "production" } as const satisfies Record<Environment, Environment>;

interface Finding {
  /** The environment that knows the token; undefined if both refuse it. */
  readonly environment: Environment | undefined;
  readonly until: number;
}

/**
 * Finds the environment that knows a token. A token from Xcode belongs to the sandbox, one from the App Store to
 * production, and apps mix them up: after `BadDeviceToken` the other environment is tried once, within the same
 * attempt. The result is remembered for a while, so that a mix-up does not double the traffic.
 */
export class TokenEnvironments {
  readonly #clock: Clock;
  /** In order of insertion, so that the oldest is removed first. */
  readonly #findings = new Map<string, Finding>();
  readonly #closedUntil = new Map<Environment, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * `ask` makes one request. If an environment other than the device's registered one accepts the push, the outcome
   * names it.
   */
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
