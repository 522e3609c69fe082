import { isIPv6 } from "node:net";
import { startApnsServer } from "./apns/apns-server.ts";
import type { ApnsEnvironment } from "../certificates/apple-rights.ts";
import { createTokenBook, type Behaviour, type TokenBook, type TokenFacts } from "./behaviour.ts";
import { createSimulatorPki, PROVIDER_NAMES, type PemPair, type SimulatorPki } from "./certificates.ts";
import {
  createConnectionRegistry,
  type ConnectionRegistry,
  type ConnectionRecord,
} from "./connections/connection-registry.ts";
import type { ConnectionScript, ServerName } from "./connections/connection-script.ts";
import { startControl } from "./control.ts";
import {
  createProviderTokenKey,
  createServiceAccount,
  type ProviderTokenKey,
  type ServiceAccount,
  type ServiceAccountPair,
} from "./credentials.ts";
import { createAccessTokens, type AccessTokens } from "./fcm/access-tokens.ts";
import { startGoogleServer } from "./google-server.ts";
import { issueServerCertificate, type ServerCertificate } from "./server-certificates.ts";
import { createMailbox, type Attempt, type Mailbox } from "./mailbox.ts";

export interface SimulatorPorts {
  readonly apnsProduction?: number;
  readonly apnsSandbox?: number;
  /** Port of FCM, its OAuth endpoint and GCM. */
  readonly google?: number;
  readonly control?: number;
}

export interface SimulatorOptions {
  /** Address to listen on, 127.0.0.1 by default. The control API always listens on loopback. */
  readonly host?: string;
  /** Host name for clients, if not `host`. The server certificate contains it. */
  readonly publicName?: string;
  /** 0, the default, picks a free port. */
  readonly ports?: SimulatorPorts;
  readonly bundleId?: string;
  readonly teamId?: string;
  readonly keyId?: string;
  readonly projectId?: string;
  readonly gcmKey?: string;
  /** GCM answers `DeprecatedApi`, as it has since July 2024. */
  readonly gcmRetired?: boolean;
  /** Number of deliveries, and of attempts, that the mailbox keeps. */
  readonly mailboxCapacity?: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly onAttempt?: (attempt: Attempt) => void;
}

export interface SimulatorCredentials {
  readonly bundleId: string;
  readonly apnsCertificate: PemPair;
  readonly apnsTokenKey: { readonly key: string; readonly keyId: string; readonly teamId: string };
  readonly projectId: string;
  readonly serviceAccount: ServiceAccount;
  readonly gcmKey: string;
}

/** A local stand-in for Apple and Google. It refuses the same requests, and can be scripted to misbehave. */
export interface Simulator extends AsyncDisposable {
  readonly apns: Readonly<Record<ApnsEnvironment, string>>;
  readonly fcm: { readonly origin: string; readonly tokenEndpoint: string };
  readonly gcm: { readonly origin: string; readonly endpoint: string };
  /** Origin of the control API. */
  readonly control: string;
  /** PEM of the authority that issued all server certificates. */
  readonly ca: string;
  /** Issues further certificates, valid or invalid. */
  readonly pki: SimulatorPki;
  readonly credentials: SimulatorCredentials;
  readonly mailbox: Mailbox;
  script(token: string, ...behaviours: readonly Behaviour[]): void;
  setFacts(token: string, facts: TokenFacts): void;
  forget(token: string): void;
  /** Replaces the script for the connections of a server. */
  scriptConnections(server: ServerName, script: ConnectionScript): void;
  forgetConnections(server: ServerName): void;
  /** Open and closed HTTP/2 connections, oldest first. */
  connections(server?: ServerName): readonly ConnectionRecord[];
  /** Chooses the certificate for all later TLS handshakes, on all listeners. */
  present(certificate: ServerCertificate): void;
  /** Invalidates all access tokens issued so far, as if Google had revoked them. */
  revokeAccessTokens(): void;
  accessTokensIssued(): number;
}

const DEFAULTS = {
  bundleId: "org.example.phone",
  teamId: "SIMTEAM001",
  keyId: "SIMKEY0001",
  projectId: "sip-pushd-simulator",
  gcmKey: "AIzaSyD-simulated-server-key-0123456789",
} as const;

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = "127.0.0.1", ports = {}, now = Date.now, publicName = host } = options;
  const { bundleId, teamId, keyId, projectId, gcmKey } = { ...DEFAULTS, ...options };
  const pki = createSimulatorPki();
  const tokens = createTokenBook();
  const accessTokens = createAccessTokens(now);
  const connections = createConnectionRegistry(now);
  const mailbox = createMailbox({ capacity: options.mailboxCapacity, onAttempt: options.onAttempt });
  const tokenKey = createProviderTokenKey({ keyId, teamId });
  const servers = await startServers({
    host,
    publicName,
    ports,
    now,
    pki,
    tokens,
    accessTokens,
    connections,
    mailbox,
    tokenKey,
    bundleId,
    projectId,
    gcmKey,
    gcmRetired: options.gcmRetired ?? false,
  });
  const { apns, google, control } = servers;

  return {
    apns,
    fcm: { origin: google, tokenEndpoint: servers.serviceAccount.token_uri },
    gcm: { origin: google, endpoint: `${google}/fcm/send` },
    control,
    ca: pki.ca,
    pki,
    credentials: {
      bundleId,
      apnsCertificate: pki.issueApnsCertificate({ bundleId, teamId }),
      apnsTokenKey: { key: tokenKey.key, keyId, teamId },
      projectId,
      serviceAccount: servers.serviceAccount,
      gcmKey,
    },
    mailbox,
    script: (token, ...behaviours) => tokens.script(token, ...behaviours),
    setFacts: (token, facts) => tokens.setFacts(token, facts),
    forget: (token) => void tokens.forget(token),
    scriptConnections: (server, script) => connections.script(server, script),
    forgetConnections: (server) => void connections.forget(server),
    connections: (server) => connections.list().filter((record) => server === undefined || record.server === server),
    present: servers.present,
    revokeAccessTokens: () => accessTokens.revokeAll(),
    accessTokensIssued: () => accessTokens.issuedCount(),
    [Symbol.asyncDispose]: () => servers.stop(),
  };
}

interface ServersDeps {
  readonly host: string;
  readonly publicName: string;
  readonly ports: SimulatorPorts;
  readonly now: () => number;
  readonly pki: SimulatorPki;
  readonly tokens: TokenBook;
  readonly accessTokens: AccessTokens;
  readonly connections: ConnectionRegistry;
  readonly mailbox: Mailbox;
  readonly tokenKey: ProviderTokenKey;
  readonly bundleId: string;
  readonly projectId: string;
  readonly gcmKey: string;
  readonly gcmRetired: boolean;
}

async function startServers(deps: ServersDeps) {
  const { host, publicName, ports, pki, bundleId, projectId, tokenKey } = deps;
  const originOf = ({ port }: { port: number }) =>
    `https://${isIPv6(publicName) ? `[${publicName}]` : publicName}:${port}`;
  const accounts: ServiceAccountPair[] = [];
  const names = [...new Set([...PROVIDER_NAMES, host, publicName])];
  const identity = issueServerCertificate("good", pki, names);
  const running = createRunningServers();
  const shared = { ...deps, identity, accounts, signal: running.signal };
  const keys = [{ ...tokenKey, environments: ["production", "sandbox"], bundleIds: [bundleId] }] as const;
  const apns = { ...shared, clientCa: pki.ca, keys };

  try {
    const production = await running.add(
      startApnsServer({ ...apns, environment: "production", port: ports.apnsProduction ?? 0 }),
    );
    const sandbox = await running.add(
      startApnsServer({ ...apns, environment: "sandbox", port: ports.apnsSandbox ?? 0 }),
    );
    const google = await running.add(startGoogleServer({ ...shared, port: ports.google ?? 0 }));
    const present = (kind: ServerCertificate): void => {
      const shown = kind === "good" ? identity : issueServerCertificate(kind, pki, names);
      for (const listener of [production, sandbox, google]) listener.present(shown);
    };
    const control = await running.add(
      startControl({ ...shared, present, host: "127.0.0.1", port: ports.control ?? 0 }),
    );
    const pair = await createServiceAccount({ projectId, tokenUri: `${originOf(google)}/token` });
    accounts.push(pair);
    return {
      apns: { production: originOf(production), sandbox: originOf(sandbox) },
      google: originOf(google),
      control: control.origin,
      present,
      serviceAccount: pair.account,
      stop: running.stop,
    };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** Does not use AsyncDisposableStack, because Node 22 lacks it. */
function createRunningServers() {
  const stopping = new AbortController();
  const servers: AsyncDisposable[] = [];
  let stopped: Promise<unknown> | undefined;
  return {
    signal: stopping.signal,
    async add<Server extends AsyncDisposable>(starting: Promise<Server>): Promise<Server> {
      const server = await starting;
      servers.push(server);
      return server;
    },
    stop: async (): Promise<void> => {
      stopping.abort();
      stopped ??= Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
      await stopped;
    },
  };
}
