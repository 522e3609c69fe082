import type { Device } from "../../push/device.ts";
import type { ExplainReason } from "../../push/explanations/explanation.ts";
import type { Outcome } from "../../push/outcome.ts";
import type { Target } from "../../push/push.ts";
import { createTokenWatch, type TokenBurst, type TokenWatch } from "../../push/token-burst.ts";
import type { Alarms } from "../alarms.ts";
import type { Clock } from "../clock.ts";
import type { DeviceStore } from "../device-store.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { Sleep } from "../sleep.ts";

/** An attempt that the provider has answered. */
export interface AnsweredAttempt {
  /** `PushProvider.app` */
  readonly app: string;
  readonly target: Target;
  readonly outcome: Outcome;
  /** Start of the attempt. Its answer says nothing about tokens registered later. */
  readonly startedAt: number;
}

export interface TokenInvalidationDeps {
  readonly devices: Pick<DeviceStore, "prune" | "replaceToken" | "learnEnvironment">;
  readonly events: Pick<
    GatewayEvents,
    "devicePruned" | "tokenKept" | "tokenReplaced" | "environmentLearned" | "storeFailed"
  >;
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly explain: ExplainReason;
}

/** How long a dead token is kept. If many die together, that is known by then, and none is deleted. */
const PRUNE_DELAY_MS = 1_000;

/**
 * Acts on what a provider says about tokens: deletes dead ones, replaces old ones, corrects the environment. A single
 * moment is never decisive: if many tokens are refused at once, the cause is rather our settings, and an operator has
 * to look.
 */
export class TokenInvalidation {
  readonly #deps: TokenInvalidationDeps;
  /** By app; there are as many as the configuration names. */
  readonly #watches = new Map<string, TokenWatch>();

  constructor(deps: TokenInvalidationDeps) {
    this.#deps = deps;
  }

  /** Resolves when all consequences have been written. A push whose token died ends no earlier. Never rejects. */
  async note(attempt: AnsweredAttempt): Promise<void> {
    const { outcome } = attempt;
    switch (outcome.kind) {
      case "delivered":
        this.#watch(attempt, undefined);
        return this.#follow(attempt, outcome);
      case "unregistered":
        this.#watch(attempt, outcome.reason);
        return this.#prune(attempt, outcome);
      case "rejected":
        return this.#watch(attempt, outcome.suspect === "token" ? outcome.reason : undefined);
      case "deferred":
      case "misconfigured":
        return;
    }
  }

  #watch({ app, target }: AnsweredAttempt, refusal: string | undefined): void {
    const now = this.#deps.clock();
    const watch = this.#watches.get(app) ?? createTokenWatch();
    this.#watches.set(app, watch);
    watch.note(target.token, refusal, now);
    const burst = watch.burst(now);
    if (burst === undefined) this.#deps.alarms.clear("tokens_refused", app);
    else if (refusal !== undefined)
      this.#deps.alarms.raise("tokens_refused", app, describeBurst(app, burst, this.#deps.explain));
  }

  #isBurst(app: string): boolean {
    return this.#watches.get(app)?.burst(this.#deps.clock()) !== undefined;
  }

  async #prune(
    { app, target, startedAt }: AnsweredAttempt,
    { reason, deadSince = Infinity }: Extract<Outcome, { kind: "unregistered" }>,
  ): Promise<void> {
    const { devices, events, sleep } = this.#deps;
    if (!this.#isBurst(app)) await sleep(PRUNE_DELAY_MS);
    if (this.#isBurst(app)) return events.tokenKept(target, reason);
    try {
      // Even if the provider's clock says otherwise, the answer does not concern a registration made after the push.
      const since = Math.min(deadSince, startedAt);
      const prune = () => devices.prune(target.provider, target.token, since);
      for await (const device of untilNone(prune)) events.devicePruned(device, target, reason);
    } catch (error) {
      events.storeFailed("forget a dead token", error);
    }
  }

  async #follow(
    { target }: AnsweredAttempt,
    { replacementToken, environment }: Extract<Outcome, { kind: "delivered" }>,
  ): Promise<void> {
    const { devices, events } = this.#deps;
    const { provider, token } = target;
    try {
      if (environment !== undefined && environment !== target.environment) {
        const learn = () => devices.learnEnvironment(provider, token, environment);
        for await (const device of untilNone(learn)) events.environmentLearned(device, target);
      }
      if (replacementToken !== undefined && replacementToken !== token) {
        const device = await devices.replaceToken(provider, token, replacementToken);
        if (device !== undefined) events.tokenReplaced(device, target);
      }
    } catch (error) {
      events.storeFailed("keep a device's token", error);
    }
  }
}

/** More accounts than this in one app must come from a loop. */
const MOST_OWNERS = 100;

/** Several devices may have a token: one app with several accounts. */
async function* untilNone(take: () => Promise<Device | undefined>): AsyncGenerator<Device> {
  for (let count = 0; count < MOST_OWNERS; count += 1) {
    const device = await take();
    if (device === undefined) return;
    yield device;
  }
}

function describeBurst(app: string, { reasons }: TokenBurst, explain: ExplainReason): string {
  const [first = ""] = reasons;
  const { meaning, likelyCause } = explain(first);
  return (
    `Many of the tokens that ${app} pushes to are refused at once: ${reasons.join(", ")}. ${meaning} For so many it is rather the settings ` +
    `than the phones, so no token is forgotten until a minute has passed without it. For one phone the likely cause would be: ${likelyCause} ` +
    "For all, compare the app's bundle id or Firebase project, and production or sandbox, with what the phones have: 'sip-pushd send' tries one."
  );
}
