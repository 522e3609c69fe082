import type { FastifyPluginAsync } from "fastify";
import type { AcceptPush } from "../gateway/accept/accept-push.ts";
import type { Calls } from "../gateway/calls/calls.ts";
import type { Clock } from "../gateway/clock.ts";
import type { DeadLetterDesk } from "../gateway/accept/dead-letters.ts";
import type { Dialect } from "../gateway/dialect.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { PreferenceDesk } from "../gateway/subscribers/preferences.ts";
import type { TakeRegister } from "../gateway/subscribers/relayed-registers.ts";
import type { Registrations } from "../gateway/subscribers/registrations.ts";
import type { ProviderName } from "../push/device.ts";
import type { Push } from "../push/push.ts";
import type { ApiKey } from "./auth.ts";
import type { DoorDeps } from "./overload/door.ts";

export interface PushDesk {
  get(id: string): Promise<Push | undefined>;
  /** As `get`, once the push has ended, or when the wait is over; `onWait` gets the means to end it sooner. */
  awaitEnd(id: string, waitMs: number, onWait: (end: () => void) => void): Promise<Push | undefined>;
  /** Returns the push as it is afterwards, or undefined if there is no such push. */
  cancel(id: string): Promise<Push | undefined>;
}

export interface Readiness {
  readonly ready: boolean;
  /** Pushes are taken, though not everything is as it should be. */
  readonly degraded?: boolean;
  /** What was looked at, and how it is, in words. */
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

/** The events that the HTTP surface reports by itself. */
export type HttpEvents = Pick<GatewayEvents, "refused" | "unexpected">;

/** What the HTTP surface calls: the use cases, and nothing of how they work. */
export interface HttpDeps {
  readonly dialects: readonly Dialect[];
  readonly acceptPush: AcceptPush;
  readonly pushes: PushDesk;
  readonly calls: Calls;
  readonly takeRegister: TakeRegister;
  readonly listPushServices: (domain?: string) => PushServices;
  readonly clock: Clock;
  readonly deadLetters: DeadLetterDesk;
  readonly registrations: Registrations;
  readonly preferences: PreferenceDesk;
  readonly events: HttpEvents;
  /** Asked at every request, so that a changed configuration counts at once. */
  readonly apiKeys: () => readonly ApiKey[];
  /** Most members of `data` in one request to `/v1`; asked at every request, too. */
  readonly maxDataMembers: () => number;
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: () => Promise<MetricsPage>;
  /** What refuses requests while the gateway has more to do than it can; absent: nothing. */
  readonly overload?: Pick<DoorDeps, "shedder" | "readDelayMs" | "onRefused">;
  /** How long answers under way may take once the server closes; 5 s where it is absent. */
  readonly closeGraceMs?: number;
  /**
   * How long a closing server goes on taking connections, and says `Connection: close` on each answer: a client that has sent its
   * request before it could know must not be cut off. 0 unless said otherwise.
   */
  readonly closeNoticeMs?: number;
  /** How long a start tries again while a port is taken; 3 s unless said otherwise. */
  readonly portRetryMs?: number;
  /** Proxies whose `X-Forwarded-For` is believed: addresses and networks. */
  readonly trustedProxies?: readonly string[];
  /** Routes of other rooms (launcher, console); they get the same authentication and the same problem details. */
  readonly plugins?: readonly FastifyPluginAsync[];
}
