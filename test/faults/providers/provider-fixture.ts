import { setTimeout as sleep } from "node:timers/promises";
import { buildAppsConfig } from "../../../src/demo/simulated-setup.ts";
import type { Attempt } from "../../../src/simulator/mailbox.ts";
import type { Simulator } from "../../../src/simulator/simulator.ts";
import {
  startRunningGateway,
  type RunningGateway,
  type RunningGatewayOptions,
} from "../../fixtures/gateway-processes.ts";
import { createPushClient, type PushClient } from "../push-client.ts";
import { pushIdOf } from "./account.ts";

export interface SceneOptions extends Pick<RunningGatewayOptions, "prepare" | "simulator" | "slots"> {
  /** Configuration of the providers; by default Apple with a certificate, and FCM. */
  readonly apps?: (simulator: Simulator) => string;
  /** Further lines of the configuration. */
  readonly settings?: string;
}

export interface NewPush {
  readonly callee: string;
  readonly kind?: "call" | "message";
  readonly ttlSeconds?: number;
}

/** A push as the API shows it. */
export interface PushState {
  readonly id: string;
  readonly state: string;
  readonly reason?: string;
  readonly deadline: string;
  readonly ended_at?: string;
  readonly deliveries: readonly { readonly state: string; readonly attempts: number; readonly reason?: string }[];
}

/** A gateway in this process, a simulator for Apple and Google, and a recording client. */
export interface ProviderFixture extends AsyncDisposable {
  readonly running: RunningGateway;
  readonly simulator: Simulator;
  readonly client: PushClient;
  /** Creates a subscriber with one phone that has this token, and returns the address. */
  addPhone(provider: "apns" | "fcm", token: string, place?: { readonly domain: string }): Promise<string>;
  /** Returns the id of the accepted push. */
  push(push: NewPush): Promise<string>;
  /** Sends `count` pushes as fast as they are accepted, to the callees in turn. */
  burst(count: number, callees: readonly string[], push?: Omit<NewPush, "callee">): Promise<readonly string[]>;
  /** Like `burst`, but returns the end states. */
  deliver(count: number, callees: readonly string[], push?: Omit<NewPush, "callee">): Promise<readonly PushState[]>;
  stateOf(id: string): Promise<PushState>;
  /** Resolves when all of them have ended. */
  endsOf(ids: readonly string[], timeoutMs?: number): Promise<readonly PushState[]>;
  /** Current alarms of apps from `/readyz`: kind and app. */
  alarms(): Promise<readonly string[]>;
  /** Returns the attempts of one push that the simulator has seen. */
  attemptsOf(id: string): readonly Attempt[];
}

/** Thousands of lines about successful pushes would only take time. */
const QUIET_LOG = "log: { level: warn }";
const CONNECTIONS = 64;
const POLL_MS = 25;

export async function openProviderFixture(options: SceneOptions = {}): Promise<ProviderFixture> {
  const { apps = buildAppsConfig, settings = "", ...rest } = options;
  await using opened = new AsyncDisposableStack();
  const running = opened.use(
    await startRunningGateway({ ...rest, config: (simulator) => `${QUIET_LOG}\n${settings}\n${apps(simulator)}` }),
  );
  const { simulator } = running;
  const client = opened.use(createPushClient({ port: Number(new URL(running.plain).port), connections: CONNECTIONS }));
  let phones = 0;
  let pushes = 0;

  async function push({ callee, kind = "call", ttlSeconds = 30 }: NewPush): Promise<string> {
    pushes += 1;
    const request = { callee, kind, caller: "+4315551234", push_id: `push ${pushes}`, ttl_seconds: ttlSeconds };
    const answer = await client.post(request);
    if (answer.kind !== "answered" || answer.id === undefined)
      throw new Error(`not accepted: ${JSON.stringify(answer)}`);
    return answer.id;
  }

  async function stateOf(id: string): Promise<PushState> {
    return JSON.parse((await client.get(`/v1/pushes/${id}`)) ?? "null") as PushState;
  }

  function burst(count: number, callees: readonly string[], parts: Omit<NewPush, "callee"> = {}) {
    const calleeOf = (index: number): string => callees[index % callees.length] ?? "";
    return Promise.all(Array.from({ length: count }, (_, index) => push({ ...parts, callee: calleeOf(index) })));
  }

  /** Queries a few at a time; most have ended when their turn comes. */
  async function endsOf(ids: readonly string[], timeoutMs = 100_000): Promise<readonly PushState[]> {
    const ends: PushState[] = [];
    const startedAt = performance.now();
    while (ends.length < ids.length) {
      const next = await Promise.all(ids.slice(ends.length, ends.length + CONNECTIONS).map((id) => stateOf(id)));
      const pending = next.findIndex(({ state }) => state === "pending");
      ends.push(...(pending === -1 ? next : next.slice(0, pending)));
      if (pending === -1) continue;
      if (performance.now() - startedAt > timeoutMs) {
        throw new Error(`${next[pending]?.id} has not ended after ${timeoutMs} ms: ${JSON.stringify(next[pending])}`);
      }
      await sleep(POLL_MS);
    }
    return ends;
  }

  const fixture = opened.move();
  return {
    running,
    simulator,
    client,
    async addPhone(provider, token, { domain } = { domain: "example.org" }) {
      phones += 1;
      const aor = `subscriber${phones}@${domain}`;
      const tokens = provider === "apns" ? { tokens: { voip: token, remote: token } } : { token };
      const status = await client.put(`/v1/subscribers/${aor}/devices/phone`, { provider, ...tokens });
      if (status !== 201) throw new Error(`a phone was not registered: ${status}`);
      await awaitNextMillisecond();
      return aor;
    },
    push,
    burst,
    deliver: async (...args) => endsOf(await burst(...args)),
    stateOf,
    endsOf,
    async alarms() {
      const { checks } = JSON.parse((await client.get("/readyz")) ?? "{}") as { checks: Record<string, string> };
      // A busy machine makes the event loop late, which says nothing about an app.
      return Object.keys(checks).filter((name) => name !== "store" && !name.endsWith(" gateway"));
    },
    attemptsOf: (id) => simulator.mailbox.attempts().filter((attempt) => pushIdOf(attempt) === id),
    [Symbol.asyncDispose]: () => fixture.disposeAsync(),
  };
}

/** A push in the same millisecond as a registration says nothing about its token, so this waits for the next one. */
async function awaitNextMillisecond(): Promise<void> {
  const registered = Date.now();
  while (Date.now() <= registered) await sleep(1);
}

export const apnsToken = (number: number): string => number.toString(16).padStart(64, "a");
export const fcmToken = (number: number): string => `fcm-registration-token-number-${number}`;

/** Creates `count` subscribers with a phone each. The numbers of their tokens are the indexes in the list. */
export function addPhones(fixture: ProviderFixture, provider: "apns" | "fcm", count = 20): Promise<string[]> {
  const token = provider === "apns" ? apnsToken : fcmToken;
  return Promise.all(Array.from({ length: count }, (_, number) => fixture.addPhone(provider, token(number))));
}

/** A domain with its own app at Apple, beside the global ones. */
export const withSecondDomain = (simulator: Simulator): string => `${buildAppsConfig(simulator)}
domains:
  - { domain: example.com, apns: { certificate: apns-cert.pem, key: apns-key.pem } }
`;

/** Apple with a signing key instead of the certificate. */
export function buildTokenAppsConfig(simulator: Simulator): string {
  const { keyId, teamId } = simulator.credentials.apnsTokenKey;
  return `apns:
  endpoint: ${simulator.apns.production}
  sandbox_endpoint: ${simulator.apns.sandbox}
  ca_file: ca.crt
  http2_jwt:
    ec_key: AuthKey_${keyId}.p8
    ec_key_id: ${keyId}
    issuer: ${teamId}
    topic: ${simulator.credentials.bundleId}
`;
}
