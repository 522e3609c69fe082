import type { GatewayEvents } from "../../src/gateway/gateway-events.ts";
import type { Attempt, FindProvider, GuardedProvider } from "../../src/gateway/push-provider.ts";
import type { ProviderName } from "../../src/push/device.ts";
import type { Held } from "../../src/push/held.ts";
import type { Outcome } from "../../src/push/outcome.ts";

type EventName = keyof GatewayEvents;
type EventLog = { readonly [Name in EventName]: Parameters<GatewayEvents[Name]>[] };

/** Records events: `log` by event, `names` in order. */
export interface RecordingEvents extends GatewayEvents {
  readonly log: EventLog;
  readonly names: EventName[];
}

export function createRecordingEvents(): RecordingEvents {
  const names: EventName[] = [];
  const log: EventLog = {
    accepted: [],
    repeated: [],
    suppressed: [],
    refused: [],
    shed: [],
    connectionRefused: [],
    dataRenamed: [],
    fieldIgnored: [],
    attempted: [],
    deliveryEnded: [],
    ended: [],
    leaseLost: [],
    lostByStore: [],
    oversleepersWoken: [],
    deviceRegistered: [],
    deviceUnregistered: [],
    contactNotLearned: [],
    devicePruned: [],
    tokenKept: [],
    tokenReplaced: [],
    environmentLearned: [],
    preferencesChanged: [],
    launchAnswered: [],
    signUp: [],
    configReloaded: [],
    credentialsRenewed: [],
    configRefused: [],
    attemptHeld: [],
    illegalTransition: [],
    callChanged: [],
    alarmRaised: [],
    alarmCleared: [],
    storeFailed: [],
    unexpected: [],
  };
  const record =
    <Name extends EventName>(name: Name) =>
    (...values: Parameters<GatewayEvents[Name]>): void => {
      names.push(name);
      log[name].push(values);
    };
  return {
    log,
    names,
    accepted: record("accepted"),
    repeated: record("repeated"),
    suppressed: record("suppressed"),
    refused: record("refused"),
    shed: record("shed"),
    connectionRefused: record("connectionRefused"),
    dataRenamed: record("dataRenamed"),
    fieldIgnored: record("fieldIgnored"),
    attempted: record("attempted"),
    deliveryEnded: record("deliveryEnded"),
    ended: record("ended"),
    leaseLost: record("leaseLost"),
    lostByStore: record("lostByStore"),
    oversleepersWoken: record("oversleepersWoken"),
    deviceRegistered: record("deviceRegistered"),
    deviceUnregistered: record("deviceUnregistered"),
    contactNotLearned: record("contactNotLearned"),
    devicePruned: record("devicePruned"),
    tokenKept: record("tokenKept"),
    tokenReplaced: record("tokenReplaced"),
    environmentLearned: record("environmentLearned"),
    preferencesChanged: record("preferencesChanged"),
    launchAnswered: record("launchAnswered"),
    signUp: record("signUp"),
    configReloaded: record("configReloaded"),
    credentialsRenewed: record("credentialsRenewed"),
    configRefused: record("configRefused"),
    attemptHeld: record("attemptHeld"),
    illegalTransition: record("illegalTransition"),
    callChanged: record("callChanged"),
    alarmRaised: record("alarmRaised"),
    alarmCleared: record("alarmCleared"),
    storeFailed: record("storeFailed"),
    unexpected: record("unexpected"),
  };
}

export const DELIVERED: Outcome = { kind: "delivered", providerMessageId: "m-1" };

export function deferred(retryAfterMs?: number): Outcome {
  return { kind: "deferred", reason: "busy", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Reaction of a fake provider: an outcome, or a function that delays or fails. */
export type Step = Outcome | ((attempt: Attempt, signal: AbortSignal) => Promise<Outcome | Held>);

/** A provider that does not answer until the attempt is cancelled. */
export const untilCalledOff = (_attempt: Attempt, signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const callOff = () => resolve({ kind: "deferred", reason: "no_answer" });
    if (signal.aborted) callOff();
    else signal.addEventListener("abort", callOff, { once: true });
  });

/** A provider that answers on command, or when the attempt is cancelled. */
export function createHeldAnswer(): { readonly step: Step; readonly answer: (outcome: Outcome) => void } {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const step: Step = (attempt, signal) => Promise.race([promise, untilCalledOff(attempt, signal)]);
  return { step, answer: resolve };
}

export interface ScriptedProvider extends GuardedProvider {
  /** All attempts in order. */
  readonly sent: Attempt[];
}

/** Creates a provider that does one step per attempt and then repeats the last one. */
export function createScriptedProvider(...steps: readonly [Step, ...Step[]]): ScriptedProvider {
  const sent: Attempt[] = [];
  return {
    app: "test",
    sent,
    async send(attempt, signal) {
      const step = steps[Math.min(sent.length, steps.length - 1)] ?? steps[0];
      sent.push(attempt);
      return typeof step === "function" ? step(attempt, signal) : step;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Returns the same providers for every domain. */
export function findAmong(providers: Partial<Record<ProviderName, GuardedProvider>>): FindProvider {
  return (_domain, name) => providers[name];
}

/** A budget without limit. */
const NO_LIMIT = { earn: () => undefined, spend: () => true, refund: () => undefined };
export const noLimits = () => NO_LIMIT;

/** A custody that ignores all answers. */
export const NO_CUSTODY = { note: async () => undefined };

/** Pauses of zero for providers in trouble. */
export const NO_PAUSE = { apns: 0, fcm: 0, gcm: 0 };
