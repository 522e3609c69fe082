import type { TokenBook } from "./behaviour.ts";
import type { PemPair } from "./certificates.ts";
import type { ConnectionRegistry } from "./connections/connection-registry.ts";
import type { ConnectionStep } from "./connections/connection-script.ts";
import type { ServiceAccountPair } from "./credentials.ts";
import type { Exchange } from "./exchange.ts";
import type { AccessTokens } from "./fcm/access-tokens.ts";
import { buildHtmlError } from "./fcm/answers.ts";
import { judgeFcmSend } from "./fcm/fcm-send.ts";
import { judgeTokenRequest } from "./fcm/oauth.ts";
import { judgeGcmSend } from "./gcm/gcm-send.ts";
import type { Mailbox } from "./mailbox.ts";
import { settleExchange, type Verdict } from "./settle-exchange.ts";
import { startTlsListener, type TlsListener } from "./tls-listener.ts";

export interface GoogleServerDeps {
  readonly host: string;
  readonly port: number;
  readonly identity: PemPair;
  /**
   * Accounts that may request access tokens. The caller may add to the list later, because an account names the port,
   * which is only then known.
   */
  readonly accounts: readonly ServiceAccountPair[];
  readonly accessTokens: AccessTokens;
  readonly gcmKey: string;
  readonly gcmRetired: boolean;
  readonly tokens: TokenBook;
  readonly connections: ConnectionRegistry;
  readonly mailbox: Mailbox;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Measured on the real service. */
const STREAMS = 100;

/** ENHANCE_YOUR_CALM: a client without requests must not keep pinging. */
const TOO_MANY_PINGS: ConnectionStep = { afterPings: 3, do: "goaway", code: 11, debugData: "too_many_pings" };

/** Google's client libraries always use Google's own audience. */
const GOOGLE_AUDIENCES = ["https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token"];

/** Serves FCM, its OAuth endpoint and legacy GCM on one port, over HTTP/2 and HTTP/1.1. Resolves when it listens. */
export function startGoogleServer(deps: GoogleServerDeps): Promise<TlsListener> {
  const { host, port, identity, now, connections } = deps;
  return startTlsListener({
    host,
    port,
    identity,
    name: "google",
    connections,
    houseRules: [TOO_MANY_PINGS],
    allowHttp1: true,
    openConnection: () => ({ initialStreams: STREAMS }),
    async serve(exchange) {
      const receivedAt = now();
      const verdict = await judge(deps, exchange);
      if (verdict === undefined) return exchange.answer(buildHtmlError(404));
      await settleExchange(deps, exchange, { ...verdict, receivedAt });
    },
  });
}

const SEND_PATH = /^\/v1\/projects\/([^/]+)\/messages:send$/;

async function judge(deps: GoogleServerDeps, exchange: Exchange): Promise<Verdict | undefined> {
  const [path = ""] = exchange.path.split("?");
  if (exchange.method !== "POST") return undefined;
  if (path === "/token") return judgeTokenRequest(oauthDeps(deps), exchange);
  if (path === "/fcm/send" || path === "/gcm/send") {
    return judgeGcmSend({ serverKey: deps.gcmKey, retired: deps.gcmRetired, tokens: deps.tokens }, exchange);
  }
  const projectId = SEND_PATH.exec(path)?.[1];
  return projectId === undefined ? undefined : judgeFcmSend(deps, exchange, projectId);
}

function oauthDeps(deps: GoogleServerDeps) {
  return { ...deps, audiences: [...GOOGLE_AUDIENCES, ...deps.accounts.map(({ account }) => account.token_uri)] };
}
