import { randomUUID } from "node:crypto";
import type { ApnsEnvironment } from "../../certificates/apple-rights.ts";
import type { TokenBook } from "../behaviour.ts";
import type { PemPair } from "../certificates.ts";
import type { Exchange } from "../exchange.ts";
import type { ConnectionRegistry } from "../connections/connection-registry.ts";
import type { Mailbox } from "../mailbox.ts";
import { settleExchange, type Verdict } from "../settle-exchange.ts";
import { startTlsListener, type ListenerConnection, type TlsListener } from "../tls-listener.ts";
import { buildAcceptance, buildRefusal, buildScriptedAnswer, type ApnsReason } from "./answers.ts";
import { authorizeCertificate, authorizeToken, type Authorization } from "./authorization.ts";
import { readClientCertificate, type ClientCertificate } from "./client-certificate.ts";
import { createProviderTokens, type ProviderTokens, type RegisteredKey } from "./provider-token.ts";
import { checkHeaders, checkPayload, checkTarget, isExpired } from "./request-checks.ts";
import { readApnsRequest, type ApnsRequest } from "./request.ts";

export interface ApnsServerDeps {
  readonly environment: ApnsEnvironment;
  readonly host: string;
  readonly port: number;
  readonly identity: PemPair;
  /** PEM of the authority whose client certificates are trusted. */
  readonly clientCa: string;
  readonly keys: readonly RegisteredKey[];
  readonly tokens: TokenBook;
  readonly connections: ConnectionRegistry;
  readonly mailbox: Mailbox;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

interface ApnsConnection extends ListenerConnection {
  readonly certificate: ClientCertificate | undefined;
  readonly providerTokens: ProviderTokens;
  streamsRaised: boolean;
}

/** "…APNs allows only one stream for each connection until you post a request with a valid provider authentication token." */
const STREAMS_BEFORE_TOKEN = 1;
const STREAMS = 1_000;

/** Starts one of Apple's two push services. Resolves when it listens. */
export function startApnsServer(deps: ApnsServerDeps): Promise<TlsListener> {
  const { environment, host, port, identity, clientCa, keys, now, connections } = deps;
  return startTlsListener<ApnsConnection>({
    host,
    port,
    identity,
    clientCa,
    name: `apns-${environment}`,
    connections,
    allowHttp1: false,
    openConnection(socket) {
      const certificate = readClientCertificate(socket);
      return {
        certificate,
        providerTokens: createProviderTokens({ keys, environment, now }),
        initialStreams: certificate === undefined ? STREAMS_BEFORE_TOKEN : STREAMS,
        streamsRaised: certificate !== undefined,
      };
    },
    async serve(exchange, connection) {
      const receivedAt = now();
      await settleExchange(deps, exchange, { ...(await judge(deps, exchange, connection)), receivedAt });
    },
  });
}

async function judge(deps: ApnsServerDeps, exchange: Exchange, connection: ApnsConnection): Promise<Verdict> {
  const request = readApnsRequest(exchange);
  const fault = checkHeaders(request) ?? (await checkRights(deps, { request, exchange, connection }));
  const reason = fault ?? checkPayload(request);
  const apnsId = (reason === "BadMessageId" ? undefined : request.headers["apns-id"]) ?? randomUUID().toUpperCase();
  const entry = { token: request.token ?? "", messageId: apnsId };
  const common = { provider: "apns", environment: deps.environment, payload: request.payload } as const;
  if (reason !== undefined) {
    return { ...common, answer: buildRefusal(reason, { apnsId }), entries: [{ ...entry, fate: "refused", reason }] };
  }

  const behaviour = deps.tokens.take(entry.token);
  const scripted = behaviour && buildScriptedAnswer(behaviour, { apnsId, now: deps.now() });
  const uniqueId = deps.environment === "sandbox" ? randomUUID() : undefined;
  const accepted = isExpired(request, deps.now()) ? "expired" : "delivered";
  return {
    ...common,
    answer: scripted ?? buildAcceptance({ apnsId, uniqueId }),
    behaviour,
    entries: [{ ...entry, fate: scripted ? "refused" : accepted, reason: scripted && behaviour?.reason }],
  };
}

interface Case {
  readonly request: ApnsRequest;
  readonly exchange: Exchange;
  readonly connection: ApnsConnection;
}

async function checkRights(
  deps: ApnsServerDeps,
  { request, exchange, connection }: Case,
): Promise<ApnsReason | undefined> {
  const rights = await authorize(deps, request, connection);
  if ("refused" in rights && !provesToken(rights.refused)) return rights.refused;
  if (!connection.streamsRaised) {
    connection.streamsRaised = true;
    exchange.allowStreams(STREAMS);
  }
  if ("refused" in rights) return rights.refused;
  const facts = deps.tokens.facts(request.token ?? "");
  return checkTarget(request, rights.topic, { facts, environment: deps.environment });
}

function authorize(deps: ApnsServerDeps, request: ApnsRequest, connection: ApnsConnection): Promise<Authorization> {
  if (connection.certificate === undefined) {
    return authorizeToken(connection.providerTokens, request.headers["authorization"], request.topic);
  }
  return Promise.resolve(authorizeCertificate(connection.certificate, request.topic, deps.environment));
}

/** Returns true for refusals that Apple sends only after it has found the provider token valid. */
function provesToken(reason: ApnsReason): boolean {
  return reason === "MissingTopic" || reason === "TopicDisallowed";
}
