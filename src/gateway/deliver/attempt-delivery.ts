import { domainOf } from "../../push/address.ts";
import { isNowOrNever, isTooLate } from "../../push/deadline.ts";
import type { OwnReason } from "../../push/explanations/gateway.ts";
import type { Throttled } from "../../push/throttled.ts";
import type { Outcome } from "../../push/outcome.ts";
import { isAboutCall, type Delivery, type Push } from "../../push/push.ts";
import type { RetryBudget } from "../../push/retry-budget.ts";
import { decide, decideThrottled, type Decision, type RetryPolicy } from "../../push/retry.ts";
import { addThrottling, addAttempt } from "../../push/attempt-records.ts";
import type { Clock } from "../clock.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { BuildTurn, FindProvider, GuardedProvider } from "../push-provider.ts";
import type { DeliveryResult } from "../push-store.ts";
import type { TokenInvalidation } from "./token-invalidation.ts";
import { compact } from "../../push/compact.ts";

export interface AttemptDeps {
  readonly findProvider: FindProvider;
  readonly invalidation: Pick<TokenInvalidation, "note">;
  readonly events: Pick<GatewayEvents, "attempted" | "attemptThrottled" | "unexpected">;
  readonly clock: Clock;
  readonly random: () => number;
  /** True if other gateways work on the same queue, perhaps with another configuration. */
  readonly isStoreShared?: boolean;
  readonly retry: { readonly call: RetryPolicy; readonly message: RetryPolicy };
  /**
   * Returns the budget of an app, with a separate one for its calls, so that one app's trouble cannot use up another's
   * retries.
   */
  readonly budgetOf: (app: string, isCall: boolean) => RetryBudget;
}

/**
 * Makes one attempt of one delivery: sends it, decides what follows, reports both, and passes the answer to the token
 * invalidation. `onResult` is called as soon as the delivery's state is known; the work on the token may take longer.
 */
export type AttemptDelivery = (
  push: Push,
  delivery: Delivery,
  signal: AbortSignal,
  onResult?: (result: DeliveryResult) => void,
  turn?: BuildTurn,
) => Promise<DeliveryResult>;

const POSTPONE_MS = 500;
/** Without other gateways on the store this lasts until the configuration changes, so the push does not wait. */
const NO_APP: Outcome = {
  kind: "misconfigured",
  reason: "no_app_configured" satisfies OwnReason,
  scope: "device",
};

/** How long the push stays in the queue before a gateway may lease it again. */
const ELSEWHERE_MS = 1_000;
/**
 * By then a gateway that has the app has taken the push, if there is one. Before that, the push does not count as
 * hopeless.
 */
const ELSEWHERE_PATIENCE_MS = 5_000;

export function createAttemptDelivery(deps: AttemptDeps): AttemptDelivery {
  return async (push, delivery, signal, onResult, turn) => {
    const startedAt = deps.clock();
    if (isTooLate(push.deadline, startedAt)) {
      return { ...resultOf(delivery), state: "expired", reason: delivery.reason ?? "deadline_passed" };
    }
    const provider = deps.findProvider(domainOf(push.request.callee), delivery.provider);
    if (provider === undefined) {
      const result =
        deps.isStoreShared === true ? putBack(deps, push, delivery) : report(deps, push, delivery, NO_APP, startedAt);
      onResult?.(result);
      return result;
    }
    const budget = deps.budgetOf(provider.app, isAboutCall(push.request));
    const answer = await sendWithin(budget, deps, { provider, push, delivery, startedAt, turn }, signal);
    const result =
      answer.kind === "throttled"
        ? throttle(deps, push, delivery, answer)
        : report(deps, push, delivery, answer, startedAt);
    onResult?.(result);
    if (answer.kind === "throttled") return result;
    await deps.invalidation.note({ app: provider.app, target: delivery, outcome: answer, startedAt });
    return result;
  };
}

interface Sending {
  readonly provider: GuardedProvider;
  readonly push: Push;
  readonly delivery: Delivery;
  readonly startedAt: number;
  readonly turn: BuildTurn | undefined;
}

/** A first attempt earns a share of a retry, and a retry costs one. A throttled push does neither. */
async function sendWithin(
  budget: RetryBudget,
  deps: AttemptDeps,
  sending: Sending,
  stop: AbortSignal,
): Promise<Outcome | Throttled> {
  const { delivery, startedAt } = sending;
  const isRetry = delivery.attempts > 0;
  if (isRetry && !budget.spend(startedAt)) {
    return { kind: "throttled", why: "retry_postponed", retryAfterMs: POSTPONE_MS * (0.5 + deps.random()) };
  }
  const answer = await send(deps, sending, stop);
  const now = deps.clock();
  if (isRetry && (answer.kind === "throttled" || answer.kind === "delivered")) budget.refund(now);
  if (!isRetry && answer.kind !== "throttled") budget.earn(now);
  return answer;
}

async function send(deps: AttemptDeps, { provider, push, delivery, turn }: Sending, stop: AbortSignal) {
  try {
    return await provider.send(compact({ push, target: delivery, turn }), stop);
  } catch (error) {
    deps.events.unexpected(`send to ${delivery.provider}`, error);
    return { kind: "deferred", reason: "internal_error" satisfies OwnReason } as const;
  }
}

/**
 * Leaves the delivery to any gateway on the same store that has its app, as while operators change one configuration
 * after another. If none has, it fails at its deadline, or when the time for waiting for an operator is over.
 */
function putBack(deps: AttemptDeps, push: Push, delivery: Delivery): DeliveryResult {
  const result = throttle(deps, push, delivery, {
    kind: "throttled",
    why: "app_elsewhere",
    // Randomised, so that pushes do not return all at once, nor always to the gateway that cannot send them.
    retryAfterMs: ELSEWHERE_MS * (0.5 + deps.random()),
    cause: { kind: "misconfigured", reason: "no_app_configured" satisfies OwnReason },
  });
  const { isUnserved: _isUnserved, ...rest } = result;
  const isYoung = deps.clock() < push.acceptedAt + ELSEWHERE_PATIENCE_MS;
  return { ...(isYoung ? rest : result), isForOthers: true };
}

/** Records that the delivery was throttled, which is not an attempt. */
function throttle(
  { events, clock }: AttemptDeps,
  push: Push,
  delivery: Delivery,
  throttled: Throttled,
): DeliveryResult {
  events.attemptThrottled(delivery, throttled.why);
  const now = clock();
  const decision = decideThrottled(throttled, { ...push, now }, delivery.reason);
  const tries = addThrottling(delivery.tries ?? [], throttled, now, decision.kind === "retry" ? decision.at : now);
  const result = readResult({ ...delivery, tries }, delivery.attempts, decision);
  return throttled.cause?.kind === "misconfigured" ? { ...result, isUnserved: true } : result;
}

function report(
  { events, clock, random, retry }: AttemptDeps,
  push: Push,
  delivery: Delivery,
  outcome: Outcome,
  startedAt: number,
): DeliveryResult {
  const now = clock();
  const attempts = delivery.attempts + 1;
  const { acceptedAt, deadline, request } = push;
  const policy = isAboutCall(request) ? retry.call : retry.message;
  const isOnly = isNowOrNever(request);
  const end = { outcome, provider: delivery.provider, attempts, acceptedAt, deadline, now, isOnly };
  const decision = decide(end, policy, random);
  events.attempted(
    compact({
      pushId: push.id,
      kind: request.kind,
      target: delivery,
      attempt: attempts,
      outcome,
      durationMs: now - startedAt,
      sinceAcceptedMs: now - acceptedAt,
      retryInMs: decision.kind === "retry" ? decision.at - now : undefined,
    }),
  );
  const tries = addAttempt(delivery.tries ?? [], outcome, startedAt, now - startedAt);
  const result = readResult({ ...delivery, tries }, attempts, decision);
  if (outcome.kind === "delivered") return { ...result, providerMessageId: outcome.providerMessageId };
  return outcome.kind === "misconfigured" ? { ...result, isUnserved: true } : result;
}

function readResult(delivery: Delivery, attempts: number, decision: Decision): DeliveryResult {
  const { reason } = decision;
  const result = { ...resultOf(delivery), attempts };
  if (decision.kind === "retry")
    return { ...result, state: "pending", notBefore: decision.at, reason: decision.reason };
  return { ...result, state: decision.state, ...(reason === undefined ? {} : { reason }) };
}

function resultOf({ deviceId, attempts, tries }: Delivery): Pick<DeliveryResult, "deviceId" | "attempts" | "tries"> {
  return compact({ deviceId, attempts, tries });
}
