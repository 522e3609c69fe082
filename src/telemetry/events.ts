import type { AttemptedEvent, DeliveryEndedEvent, GatewayEvents } from "../gateway/gateway-events.ts";
import { shortenToken, type ProviderName } from "../push/device.ts";
import type { Outcome } from "../push/outcome.ts";
import type { PushRequest, Target } from "../push/push.ts";
import {
  LEVEL_OF_DELIVERY_END,
  LEVEL_OF_LAUNCH,
  LEVEL_OF_SIGN_UP,
  LEVEL_OF_OUTCOME,
  LEVEL_OF_PUSH_END,
} from "./event-levels.ts";
import { createCallEvents, type CallEvents } from "./call-events.ts";
import { createSubscriberEvents, type SubscriberEvents } from "./subscriber-events.ts";
import type { LogFields } from "./log-fields.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { isKnownWord } from "./provider-reasons.ts";
import { createRefusalEvents, type RefusalEvents } from "./refusal-events.ts";
import { createStoreFailureLog } from "./store-failures.ts";
import { compact } from "../push/compact.ts";

export interface GatewayEventsDeps {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "count" | "observe" | "setAlarm" | "setConfigReload">;
}

/** The one place where business events become log lines and metrics. */
export function createGatewayEvents(deps: GatewayEventsDeps): GatewayEvents {
  return {
    ...createPushEvents(deps),
    ...createRefusalEvents(deps),
    ...createDeliveryEvents(deps),
    ...createCallEvents(deps),
    ...createSubscriberEvents(deps),
    ...createTokenEvents(deps),
    ...createLauncherEvents(deps),
    ...createStateEvents(deps),
  };
}

type PushEvents = Pick<
  GatewayEvents,
  "accepted" | "repeated" | "suppressed" | "dataRenamed" | "fieldIgnored" | "ended"
>;

function createPushEvents({ logger, metrics }: GatewayEventsDeps): PushEvents {
  return {
    accepted({ id, request, deadline, deliveries }, dialect) {
      logger.debug("push accepted", {
        push_id: id,
        ...fieldsOfRequest(request),
        dialect,
        deliveries: deliveries.length,
        deadline,
      });
      metrics.count("pushesAccepted", { dialect, kind: request.kind });
    },
    repeated(pushId, request, dialect) {
      logger.info("push repeated, the first one stands", { push_id: pushId, ...fieldsOfRequest(request), dialect });
      metrics.count("pushesRepeated", { dialect, kind: request.kind });
    },
    suppressed(pushId, request, reason, dialect) {
      logger.info("push suppressed", { push_id: pushId, ...fieldsOfRequest(request), reason, dialect });
      metrics.count("pushesSuppressed", { reason });
    },
    dataRenamed(pushId, names, dialect) {
      const message = "names of data that Google reserves were changed";
      logger.warn(message, { push_id: pushId, keys: names, dialect });
      metrics.count("dataRenamed", { dialect });
    },
    fieldIgnored(field, dialect) {
      logger.warn("a field of push requests has no effect: the gateway decides this itself", { field, dialect });
    },
    ended({ id, request, acceptedAt, deliveries }, state, at) {
      logger[LEVEL_OF_PUSH_END[state]](`push ${state}`, {
        push_id: id,
        ...fieldsOfRequest(request),
        state,
        deliveries: deliveries.length,
        duration_ms: at - acceptedAt,
      });
      metrics.count("pushesEnded", { kind: request.kind, state });
    },
  };
}

type DeliveryEvents = Pick<
  GatewayEvents,
  "attempted" | "attemptThrottled" | "deliveryEnded" | "illegalTransition" | "leaseLost" | "lostByStore"
>;

type TokenEvents = Pick<GatewayEvents, "devicePruned" | "tokenKept" | "tokenReplaced" | "environmentLearned">;

function createDeliveryEvents({ logger, metrics }: GatewayEventsDeps): DeliveryEvents {
  return {
    attempted(event) {
      const { outcome, target } = event;
      logger[LEVEL_OF_OUTCOME[outcome.kind]](`attempt ${outcome.kind}`, fieldsOfAttempt(event));
      countAttempt(metrics, event);
      metrics.observe("attemptDuration", { provider: target.provider }, event.durationMs / 1000);
    },
    deliveryEnded(event) {
      const { target, state } = event;
      logger[LEVEL_OF_DELIVERY_END[state]](`delivery ${state}`, fieldsOfDeliveryEnd(event));
      if (state !== "pending") metrics.count("deliveriesEnded", { provider: target.provider, state });
    },
    attemptThrottled(target, why) {
      logger.debug("attempt held", { ...fieldsOfTarget(target), reason: why });
      metrics.count("attemptsHeld", { provider: target.provider, reason: why });
    },
    leaseLost(pushId) {
      logger.warn("lease lost: another worker has taken the push over, or it was cancelled", { push_id: pushId });
      metrics.count("leasesLost", {});
    },
    lostByStore(pushId) {
      logger.error("push lost by the store: its data is gone, and the push is not tried again", { push_id: pushId });
      metrics.count("lostByStore", {});
    },
    illegalTransition(pushId, from, to) {
      const message = `a delivery that was ${from} cannot become ${to}: a bug of the gateway, please report it`;
      logger.error(message, { push_id: pushId, state: from });
      metrics.count("illegalTransitions", {});
    },
  };
}

function createTokenEvents({ logger, metrics }: GatewayEventsDeps): TokenEvents {
  return {
    devicePruned({ subscriber }, target, reason) {
      logger.info("token forgotten: the provider calls it dead", {
        subscriber,
        ...fieldsOfTarget(target),
        reason: hideToken(reason, target),
      });
      metrics.count("devicesPruned", { provider: target.provider });
    },
    tokenKept(target, reason) {
      logger.warn("token kept although the provider calls it dead: too many at once", {
        ...fieldsOfTarget(target),
        reason: hideToken(reason, target),
      });
      metrics.count("tokensKept", { provider: target.provider });
    },
    tokenReplaced({ subscriber }, target) {
      logger.info("token replaced: the provider gave another one", { subscriber, ...fieldsOfTarget(target) });
      metrics.count("tokensReplaced", { provider: target.provider });
    },
    environmentLearned({ subscriber, environment }, target) {
      logger.info(`device corrected: Apple knows its token in ${environment}, not in ${target.environment}`, {
        subscriber,
        ...fieldsOfTarget(target),
        environment,
      });
      metrics.count("environmentsLearned", { environment });
    },
  };
}

type LauncherEvents = Pick<GatewayEvents, "signUp" | "launchAnswered">;

function createLauncherEvents({ logger, metrics }: GatewayEventsDeps): LauncherEvents {
  return {
    signUp(step, error) {
      logger[LEVEL_OF_SIGN_UP[step]](`sign-up: ${step}`, { error });
      metrics.count("signUps", { step });
    },
    launchAnswered(outcome, remoteAddress) {
      logger[LEVEL_OF_LAUNCH[outcome]](`launch link ${outcome}`, { outcome, remote_address: remoteAddress });
      metrics.count("launches", { outcome });
    },
  };
}

type StateEvents = Omit<
  GatewayEvents,
  | keyof PushEvents
  | keyof RefusalEvents
  | keyof DeliveryEvents
  | keyof TokenEvents
  | keyof CallEvents
  | keyof SubscriberEvents
  | keyof LauncherEvents
>;

function createStateEvents({ logger, metrics }: GatewayEventsDeps): StateEvents {
  const logStoreFailure = createStoreFailureLog(logger);
  return {
    configReloaded(restart) {
      if (restart.length === 0) logger.info("configuration reloaded");
      else logger.warn("configuration reloaded, but some of it needs a new start of the gateway", { keys: restart });
      metrics.setConfigReload(true);
    },
    credentialsRenewed(files, warnings) {
      if (warnings.length === 0) logger.info("credentials renewed", { files });
      else logger.warn(`credentials renewed, but: ${warnings.join(" ")}`, { files });
      metrics.count("credentialRenewals", {});
    },
    configRefused(why) {
      logger.error(`new configuration refused, the old one stays in force: ${why}`);
      metrics.setConfigReload(false);
    },
    alarmRaised({ kind, app, detail }) {
      logger.error(`alarm: ${detail}`, { alarm: kind, app });
      metrics.setAlarm(kind, app, true);
    },
    alarmCleared({ kind, app }) {
      logger.info("alarm is over", { alarm: kind, app });
      metrics.setAlarm(kind, app, false);
    },
    storeFailed(what, error) {
      logStoreFailure(what, error);
      metrics.count("storeErrors", {});
    },
    oversleepersWoken(count) {
      const why = "they would have waited longer than any pause lasts, because the store's clock was set back";
      logger.warn(`pushes woken: ${why}`, { count });
      metrics.count("oversleepersWoken", {}, count);
    },
    unexpected(what, error) {
      logger.error("unexpected error: a bug of the gateway, please report it", { operation: what, error });
      metrics.count("unexpectedErrors", {});
    },
  };
}

function countAttempt(metrics: GatewayEventsDeps["metrics"], event: AttemptedEvent): void {
  const { kind, outcome, sinceAcceptedMs } = event;
  const { provider } = event.target;
  metrics.count("attempts", { provider, outcome: outcome.kind });
  if (outcome.kind === "delivered") metrics.observe("acceptToProvider", { kind, provider }, sinceAcceptedMs / 1000);
  else countFailure(metrics, provider, outcome);
}

function countFailure(
  metrics: GatewayEventsDeps["metrics"],
  provider: ProviderName,
  { kind, reason }: Exclude<Outcome, { kind: "delivered" }>,
): void {
  metrics.count("attemptFailures", { provider, outcome: kind, reason });
  if (!isKnownWord(reason)) metrics.count("unknownAnswers", { provider });
}

/** Returns the loggable part of a request. The caller, texts and the app's data are never logged. */
function fieldsOfRequest({ kind, callee, callId, silent }: PushRequest): LogFields {
  return compact({ kind, callee, call_id: callId, silent: silent ? silent : undefined });
}

function fieldsOfTarget({ provider, app, environment, deviceId, tokenKind, token }: Target): LogFields {
  return { provider, app, environment, device: deviceId, token_kind: tokenKind, token };
}

/** Providers often repeat the token in their reason. */
function hideToken(reason: string, { token }: Target): string {
  return reason.replaceAll(token, shortenToken(token));
}

function fieldsOfDeliveryEnd({ pushId, kind, target, state, reason }: DeliveryEndedEvent): LogFields {
  return { push_id: pushId, kind, ...fieldsOfTarget(target), state, reason: reason && hideToken(reason, target) };
}

function fieldsOfAttempt(event: AttemptedEvent): LogFields {
  const { pushId, kind, target, attempt, outcome, durationMs, sinceAcceptedMs, retryInMs } = event;
  return {
    push_id: pushId,
    kind,
    ...fieldsOfTarget(target),
    attempt,
    outcome: outcome.kind,
    ...(outcome.kind === "delivered"
      ? { provider_message_id: outcome.providerMessageId }
      : { reason: hideToken(outcome.reason, target) }),
    duration_ms: durationMs,
    since_accepted_ms: sinceAcceptedMs,
    retry_in_ms: retryInMs,
  };
}
