import type { Clock } from "../../gateway/clock.ts";
import { buildInTurn, type Attempt, type PushProvider } from "../../gateway/push-provider.ts";
import { bundleIdOf, type Environment } from "../../push/device.ts";
import type { ApnsReason } from "./explanations.ts";
import type { OwnReason } from "../../push/explanations/gateway.ts";
import type { Outcome } from "../../push/outcome.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import { Channel } from "../channel/channel.ts";
import { readFailure } from "../channel/failure.ts";
import type { Proxy } from "../channel/proxy-tunnel.ts";
import type { ApnsCertificate, ApnsCredentials } from "./credentials.ts";
import { readOutcome } from "./outcome.ts";
import type { Remedy } from "../outcome-row.ts";
import type { ProviderTokens } from "./provider-token.ts";
import { createRemedies } from "./remedies.ts";
import { buildRequest, chooseTopic } from "./request.ts";
import { TokenEnvironments } from "./token-environments.ts";
import { compact } from "../../push/compact.ts";

export interface ApnsApp {
  readonly credentials: ApnsCredentials;
  /** A certificate of its own for the VoIP topic: NGCP's extra instance `callkit`. */
  readonly voipCredentials?: ApnsCertificate;
  /** The bundle id. */
  readonly topic: string;
  /** `https://host:port` of each service. */
  readonly origins: Readonly<Record<Environment, string>>;
  /** In place of the system's roots, PEM. */
  readonly ca?: string;
  /** `standard` by default. */
  readonly payloadProfile?: PayloadProfile;
  readonly proxy?: Proxy;
  /** The longest that Apple keeps a call's VoIP push; 0: it delivers it at once or never. 30 s by default. */
  readonly voipExpiryMs?: number;
}

/** Where the app has none of its own. */
const VOIP_EXPIRY_MS = 30_000;

/** `name` is whose app it is: `PushProvider.app`. */
export interface ApnsProviderDeps {
  readonly name: string;
  readonly clock: Clock;
  readonly tokens: ProviderTokens;
}

export function createApnsProvider(app: ApnsApp, { name, clock, tokens }: ApnsProviderDeps): PushProvider {
  // A token key serves the VoIP topic too, so that a certificate for it is not needed.
  const voipCredentials = app.credentials.kind === "token" ? undefined : app.voipCredentials;
  const main = openService(app, app.credentials, clock);
  const voip = voipCredentials === undefined ? main : openService(app, voipCredentials, clock);
  const token = app.credentials.kind === "token" ? tokens.of(app.credentials) : undefined;
  const channels = new Set([main, voip].flatMap((service) => Object.values(service.channels)));
  const fixed = { payloadProfile: app.payloadProfile, voipExpiryMs: app.voipExpiryMs ?? VOIP_EXPIRY_MS };
  const applyRemedy = createRemedies({ token, channels, clock });

  /** Sends it as often as one attempt may, with what Apple asks for in between. */
  const ask = async (channel: Channel, attempt: Attempt, bundleId: string, signal: AbortSignal): Promise<Outcome> => {
    for (let repeats = 0; ; repeats += 1) {
      const providerToken = await token?.read().catch(() => null);
      if (providerToken === null) return UNSIGNED;
      const request = await buildInTurn(attempt, () =>
        buildRequest(attempt, { ...fixed, bundleId, providerToken, now: clock() }),
      );
      const answer = await channel.request(request, signal);
      const { outcome, remedy } = readOutcome(answer, clock());
      if (remedy === undefined || repeats >= MAX_REPEATS[remedy]) return outcome;
      if (!(await applyRemedy(remedy, { providerToken, connection: answer.connection }))) return outcome;
    }
  };

  return {
    app: name,
    async send(attempt, signal): Promise<Outcome> {
      const { tokenKind } = attempt.target;
      const credentials = tokenKind === "voip" ? (voipCredentials ?? app.credentials) : app.credentials;
      const bundleId = chooseBundleId(attempt, app.topic, credentials);
      if (bundleId === undefined) return NOT_SERVED;
      const { channels: to, environments } = tokenKind === "voip" ? voip : main;
      const askIn = (environment: Environment): Promise<Outcome> =>
        ask(to[environment], attempt, bundleId, signal).catch(readFailure);
      // The same address for both: there is no other environment to ask.
      const isOne = to.production === to.sandbox;
      const outcome = await (isOne ? askIn("production") : environments.send(attempt.target, askIn));
      return bundleId === app.topic ? outcome : limitToDevice(outcome);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...channels].map((channel) => channel[Symbol.asyncDispose]()));
    },
  };
}

/** Of one push, within one attempt. */
const MAX_REPEATS = { renew_token: 1, reconnect: 2, keep_token: 1 } as const satisfies Record<Remedy, number>;

/** An app that the device has named, and we have not configured: whatever is wrong with it is not wrong with ours. */
function limitToDevice(outcome: Outcome): Outcome {
  return outcome.kind === "misconfigured" ? { ...outcome, scope: "device" } : outcome;
}

/** The certificate is not for the app that the device has named. */
const NOT_SERVED: Outcome = {
  kind: "misconfigured",
  reason: "app_not_served" satisfies OwnReason,
  scope: "device",
};

/** Apple cannot know this key. */
const UNSIGNED: Outcome = { kind: "misconfigured", reason: "InvalidProviderToken" satisfies ApnsReason };

/** The channels, one per environment, of one set of credentials; both are one where both are at the same address. */
interface Service {
  readonly channels: Readonly<Record<Environment, Channel>>;
  readonly environments: TokenEnvironments;
}

function openService({ origins, ca, proxy }: ApnsApp, credentials: ApnsCredentials, clock: Clock): Service {
  const tls = compact({ ca, ...clientCertificate(credentials) });
  // One stream until the first valid token: https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
  const isPrimed = credentials.kind === "token";
  const shared = compact({ clock, tls, isPrimed, proxy });
  const open = (origin: string): Channel => new Channel({ origin, ...shared });
  const production = open(origins.production);
  const sandbox = origins.sandbox === origins.production ? production : open(origins.sandbox);
  return { channels: { production, sandbox }, environments: new TokenEnvironments(clock) };
}

function clientCertificate(credentials: ApnsCredentials) {
  if (credentials.kind === "token") {
    return credentials.tls === undefined ? {} : { cert: credentials.tls.certificate, key: credentials.tls.key };
  }
  const { certificate: cert, key, passphrase } = credentials;
  return passphrase === undefined ? { cert, key } : { cert, key, passphrase };
}

/**
 * The app that the device named, if these credentials may push to it; otherwise the configured one. A token key serves every app of its
 * team, a certificate the topics written into it.
 */
function chooseBundleId(attempt: Attempt, configured: string, credentials: ApnsCredentials): string | undefined {
  const wanted = bundleIdOf(attempt.target.app ?? configured);
  if (wanted === configured || credentials.kind === "token") return wanted;
  return credentials.topics.includes(chooseTopic(attempt, wanted)) ? wanted : undefined;
}
