import { buildFeatureCaps } from "../dialects/feature-caps.ts";
import type { Config } from "../config/config.ts";
import { createAcceptPush, type AcceptPush, type NoteUnknown } from "../gateway/accept/accept-push.ts";
import type { Alarms } from "../gateway/alarms.ts";
import { AppGuard } from "../gateway/deliver/app-guard.ts";
import { createAttemptDelivery, type AttemptDeps, type AttemptDelivery } from "../gateway/deliver/attempt-delivery.ts";
import type { Clock } from "../gateway/clock.ts";
import type { DeviceStore } from "../gateway/device-store.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { FindProvider } from "../gateway/push-provider.ts";
import type { Lease, PushStore } from "../gateway/push-store.ts";
import { createTellPhones, type TellPhones } from "../gateway/calls/tell-phones.ts";
import { createRegistrations, type Registrations } from "../gateway/subscribers/registrations.ts";
import type { Sleep } from "../gateway/sleep.ts";
import { TokenInvalidation } from "../gateway/deliver/token-invalidation.ts";
import { takeRandomBytes } from "../push/random-bytes.ts";
import { longestPauseMs } from "../push/retry.ts";
import { createRetryBudget, type RetryBudget } from "../push/retry-budget.ts";
import type { PushServices } from "../http/http-deps.ts";
import { createSignUpServices } from "./sign-up-service.ts";
import { buildApiKey, type ApiKey } from "../http/auth.ts";
import type { LaunchApp } from "../launcher/launch-app.ts";
import type { SignUpService } from "../launcher/sign-up/sign-up-routes.ts";
import { explainReason } from "../providers/explain-reason.ts";
import { createProviderDirectory } from "../providers/directory.ts";
import { PROVIDER_NAMES } from "../providers/providers.ts";

/** The part of a running gateway that depends on the configuration. A reload replaces it, except for unchanged apps. */
export interface Configured {
  readonly acceptPush: AcceptPush;
  readonly tellPhones: TellPhones;
  readonly listPushServices: (domain?: string) => PushServices;
  readonly attempt: AttemptDelivery;
  readonly registrations: Registrations;
  /** Longest time that a push can wait for its next attempt. */
  readonly longestPauseMs: number;
  /** How long before its SIP binding expires a phone is woken; undefined to wake none. */
  readonly wakeLeadMs: number | undefined;
  readonly apiKeys: readonly ApiKey[];
  readonly maxDataMembers: number;
  readonly foldCase: boolean;
  readonly launchApps: readonly LaunchApp[];
  /** Undefined if there is no sign-up. */
  readonly signUpService: SignUpService | undefined;
}

export interface ConfiguredDeps {
  readonly store: Pick<PushStore, "accept" | "get" | "newId">;
  readonly devices: DeviceStore;
  readonly events: GatewayEvents;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly steady: Clock;
  readonly sleep: Sleep;
  readonly deliver: (lease: Lease, askedAt: number) => void;
  readonly noteUnknown: NoteUnknown;
  readonly leaseMs: number;
}

/** Unguessable: a client with a call's token may ask for the call. */
const CALL_TOKEN_BYTES = 16;

function buildCallUrl(publicUrl: string | undefined, callId: string, token: string): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/v1/calls/${encodeURIComponent(callId)}?token=${token}`;
}

/** More than a store answers in a second. */
const MAX_ACCEPTING = 2_000;

/** At most a tenth of extra traffic in a storm, and at least one retry per second. */
const BUDGET = { share: 0.1, perSecond: 1, savings: 100 };

/** One budget per app. The names come only from the configuration. */
function createBudgets(): AttemptDeps["budgetOf"] {
  const budgets = new Map<string, RetryBudget>();
  return (app, isCall) => {
    const key = `${app} ${isCall}`;
    const budget = budgets.get(key) ?? createRetryBudget(BUDGET);
    budgets.set(key, budget);
    return budget;
  };
}

/** The configuration in force, and its replacement on reload. */
export interface ConfiguredGateway extends AsyncDisposable {
  readonly current: Configured;
  readonly findProvider: FindProvider;
  replace(config: Config): void;
}

export function openConfigured(config: Config, deps: ConfiguredDeps): ConfiguredGateway {
  const { clock, sleep, alarms, events } = deps;
  const providers = createProviderDirectory(config, {
    clock,
    sleep,
    alarms,
    events,
    guard: (provider) => new AppGuard(provider, { ...deps, explain: explainReason }),
  });
  const invalidation = new TokenInvalidation({ ...deps, explain: explainReason });
  const attempts = { findProvider: providers.find, invalidation, budgetOf: createBudgets() };
  const findSignUpService = createSignUpServices(deps);
  const build = (next: Config) => buildConfigured(next, { ...deps, ...attempts, findSignUpService });
  let current = build(config);
  return {
    findProvider: providers.find,
    get current() {
      return current;
    },
    replace(next) {
      providers.replace(next);
      current = build(next);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(providers[Symbol.asyncDispose]()),
  };
}

type BuildDeps = ConfiguredDeps &
  Pick<AttemptDeps, "findProvider" | "invalidation" | "budgetOf"> & {
    readonly findSignUpService: ReturnType<typeof createSignUpServices>;
  };

function buildConfigured(config: Config, deps: BuildDeps): Configured {
  const { store, devices, events, clock, steady, deliver, noteUnknown, leaseMs } = deps;
  const { registration: rules, retry, dedup, ttl } = config;
  const disabled = new Set(config.domains.flatMap(({ domain, enabled }) => (enabled ? [] : [domain])));
  return {
    longestPauseMs: longestPauseMs([retry.call, retry.message]),
    attempt: createAttemptDelivery({
      ...deps,
      random: Math.random,
      retry,
      isStoreShared: config.store.kind === "redis",
    }),
    acceptPush: createAcceptPush({
      store,
      devices,
      deliver,
      noteUnknown,
      events,
      steady,
      isDomainEnabled: (domain) => !disabled.has(domain),
      newCallToken: () => Buffer.from(takeRandomBytes(CALL_TOKEN_BYTES)).toString("base64url"),
      buildCallUrl: (callId, token) => buildCallUrl(config.calls.publicUrl, callId, token),
      dedup,
      ttl,
      leaseMs,
      maxAccepting: MAX_ACCEPTING,
    }),
    listPushServices: (domain) => listPushServices(deps.findProvider, domain),
    tellPhones: createTellPhones({ store, devices, deliver, noteUnknown, steady, events, dedup, ttl, leaseMs }),
    registrations: createRegistrations({ devices, events, clock, rules }),
    wakeLeadMs: config.bindings.wakeLeadMs,
    launchApps: config.launcher?.apps ?? [],
    signUpService: deps.findSignUpService(config.launcher),
    maxDataMembers: config.limits.dataMembers,
    foldCase: config.subscribers.foldCase,
    apiKeys: config.auth.keys.map(({ name, key }) => buildApiKey(name, key)),
  };
}

/** Lists the push services for phones of a domain, or, without a domain, of domains without their own apps. */
function listPushServices(findProvider: FindProvider, domain = ""): PushServices {
  const providers = PROVIDER_NAMES.filter((provider) => findProvider(domain, provider) !== undefined);
  return { providers, featureCaps: buildFeatureCaps(providers) };
}
