import { domainOf } from "../push/address.ts";
import { attemptTimeoutMs } from "../push/deadline.ts";
import type { ProviderName } from "../push/device.ts";
import type { Outcome } from "../push/outcome.ts";
import type { Delivery, Push } from "../push/push.ts";
import type { RetryBudget } from "../push/retry-budget.ts";
import { decide, type Decision, type RetryPolicy } from "../push/retry.ts";
import type { Clock } from "./clock.ts";
import type { DeviceStore } from "./device-store.ts";
import type { GatewayEvents } from "./gateway-events.ts";
import type { FindProvider } from "./push-provider.ts";
import type { DeliveryResult } from "./push-store.ts";

export interface AttemptDeps {
  readonly findProvider: FindProvider;
  readonly devices: Pick<DeviceStore, "prune" | "replaceToken">;
  readonly events: GatewayEvents;
  readonly clock: Clock;
  readonly random: () => number;
  readonly retry: { readonly call: RetryPolicy; readonly message: RetryPolicy };
  /** One for each provider: the trouble of one must not use up the retries of another. */
  readonly budgets: Readonly<Record<ProviderName, RetryBudget>>;
}

/** One attempt of one delivery: sends, reads what follows, reports both, and forgets a token that has died. */
export type AttemptDelivery = (push: Push, delivery: Delivery, signal: AbortSignal) => Promise<DeliveryResult>;

const POSTPONE_MS = 500;

export function createAttemptDelivery(deps: AttemptDeps): AttemptDelivery {
  const { events, clock, random, retry } = deps;

  return async (push, delivery, signal) => {
    const startedAt = clock();
    if (startedAt >= push.deadline) {
      return { ...resultOf(delivery), state: "expired", reason: delivery.reason ?? "deadline_passed" };
    }
    if (delivery.attempts === 0) deps.budgets[delivery.provider].earn(startedAt);
    else if (!deps.budgets[delivery.provider].spend(startedAt)) return postpone(deps, delivery, startedAt);
    const outcome = await send(deps, push, delivery, signal);
    const now = clock();
    const attempts = delivery.attempts + 1;
    if (attempts > 1 && outcome.kind === "delivered") deps.budgets[delivery.provider].refund(now);
    const policy = push.request.kind === "call" ? retry.call : retry.message;
    const decision = decide(
      { outcome, provider: delivery.provider, attempts, deadline: push.deadline, now },
      policy,
      random,
    );
    events.attempted({
      pushId: push.id,
      kind: push.request.kind,
      target: delivery,
      attempt: attempts,
      outcome,
      durationMs: now - startedAt,
      sinceAcceptedMs: now - push.acceptedAt,
      ...(decision.kind === "retry" ? { retryInMs: decision.at - now } : {}),
    });
    await keepDevices(deps, push, delivery, outcome);
    return readResult(delivery.deviceId, attempts, outcome, decision);
  };
}

/** Too many retries at once: this one waits for its turn, which is no attempt. */
function postpone({ events, random }: AttemptDeps, delivery: Delivery, now: number): DeliveryResult {
  events.retryPostponed(delivery.provider);
  const { reason = "retry_postponed" } = delivery;
  const notBefore = now + Math.ceil(POSTPONE_MS * (0.5 + random()));
  return { ...resultOf(delivery), state: "pending", reason, notBefore };
}

async function send(deps: AttemptDeps, push: Push, delivery: Delivery, stop: AbortSignal): Promise<Outcome> {
  const provider = deps.findProvider(domainOf(push.request.callee), delivery.provider);
  if (provider === undefined) return { kind: "misconfigured", reason: "no_app_configured" };
  const timeout = AbortSignal.timeout(attemptTimeoutMs(push.deadline, deps.clock()));
  try {
    return await provider.send({ push, target: delivery }, AbortSignal.any([stop, timeout]));
  } catch (error) {
    deps.events.unexpected(`send to ${delivery.provider}`, error);
    return { kind: "deferred", reason: "internal_error" };
  }
}

/** The provider's word on a token: dead (and since when), or replaced by another. */
async function keepDevices(deps: AttemptDeps, push: Push, delivery: Delivery, outcome: Outcome): Promise<void> {
  const { provider, token } = delivery;
  try {
    if (outcome.kind === "unregistered") {
      const device = await deps.devices.prune(provider, token, outcome.deadSince ?? push.acceptedAt);
      if (device !== undefined) deps.events.devicePruned(device, delivery, outcome.reason);
    }
    if (outcome.kind === "delivered" && outcome.replacementToken !== undefined) {
      await deps.devices.replaceToken(provider, token, outcome.replacementToken);
    }
  } catch (error) {
    deps.events.storeFailed("forget a dead token", error);
  }
}

function readResult(deviceId: string, attempts: number, outcome: Outcome, decision: Decision): DeliveryResult {
  const reason = decision.reason;
  if (decision.kind === "retry") {
    return { deviceId, attempts, state: "pending", notBefore: decision.at, reason: decision.reason };
  }
  return {
    deviceId,
    attempts,
    state: decision.state,
    ...(reason === undefined ? {} : { reason }),
    ...(outcome.kind === "delivered" ? { providerMessageId: outcome.providerMessageId } : {}),
  };
}

function resultOf({ deviceId, attempts }: Delivery): Pick<DeliveryResult, "deviceId" | "attempts"> {
  return { deviceId, attempts };
}
