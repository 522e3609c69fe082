import type { FastifyPluginAsync } from "fastify";
import type { AcceptPush } from "../gateway/accept/accept-push.ts";
import type { Calls } from "../gateway/calls/calls.ts";
import type { Clock } from "../gateway/clock.ts";
import type { DeadLetterService } from "../gateway/accept/dead-letters.ts";
import type { Dialect } from "../gateway/dialect.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { PreferenceService } from "../gateway/subscribers/preferences.ts";
import type { TakeRegister } from "../gateway/subscribers/relayed-registers.ts";
import type { Registrations } from "../gateway/subscribers/registrations.ts";
import type { ProviderName } from "../push/device.ts";
import type { Push } from "../push/push.ts";
import type { ApiKey } from "./auth.ts";
import type { AdmissionDeps } from "./overload/admission.ts";

export interface PushService {
  get(id: string): Promise<Push | undefined>;
  /**
   * Like `get`, but resolves when the push has ended or the wait is over. `onWait` receives a function that ends it
   * early.
   */
  awaitEnd(id: string, waitMs: number, onWait: (end: () => void) => void): Promise<Push | undefined>;
  /** Returns the push after the operation, or undefined if there is no such push. */
  cancel(id: string): Promise<Push | undefined>;
}

export interface Readiness {
  readonly ready: boolean;
  /** True if pushes are accepted but something is wrong. */
  readonly degraded?: boolean;
  /** Result of each check, in words. */
  readonly checks: Readonly<Record<string, string>>;
}

export interface PushServices {
  readonly providers: readonly ProviderName[];
  /** Values of `Feature-Caps` headers. */
  readonly featureCaps: readonly string[];
}

export interface MetricsPage {
  readonly contentType: string;
  readonly body: string;
}

/** Events that the HTTP layer itself reports. */
export type HttpEvents = Pick<GatewayEvents, "refused" | "unexpected" | "fieldIgnored" | "connectionRefused">;

/** Everything that the HTTP layer calls. */
export interface HttpDeps {
  readonly dialects: readonly Dialect[];
  readonly acceptPush: AcceptPush;
  readonly pushes: PushService;
  readonly calls: Calls;
  readonly takeRegister: TakeRegister;
  readonly listPushServices: (domain?: string) => PushServices;
  readonly clock: Clock;
  readonly deadLetters: DeadLetterService;
  readonly registrations: Registrations;
  readonly preferences: PreferenceService;
  readonly events: HttpEvents;
  /** Called at every request, so that a changed configuration applies at once. */
  readonly apiKeys: () => readonly ApiKey[];
  /** Limit for members of `data` in a request to `/v1`. Called at every request. */
  readonly maxDataMembers: () => number;
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: () => Promise<MetricsPage>;
  /** Sheds load; undefined to serve all requests. */
  readonly overload?: Pick<AdmissionDeps, "shedder" | "readDelayMs" | "onRefused">;
  /** Most connections of one address that have not shown a valid key, on listeners that require one; 0 or undefined: no limit. */
  readonly connectionsWithoutKey?: number;
  /** How long answers in progress may take after the server closes; 5 s by default. */
  readonly closeGraceMs?: number;
  /**
   * How long a closing server still accepts connections, with `Connection: close` on each answer. A client that sent
   * its request before it could know must not be cut off. 0 by default.
   */
  readonly closeNoticeMs?: number;
  /** How long to retry at start if a port is taken; 3 s by default. */
  readonly portRetryMs?: number;
  /** Proxies whose `X-Forwarded-For` is trusted: addresses and networks. */
  readonly trustedProxies?: readonly string[];
  /** Routes of other rooms (launcher, console), with the same authentication and problem documents. */
  readonly plugins?: readonly FastifyPluginAsync[];
}
