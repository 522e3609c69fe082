import { execFileSync } from "node:child_process";
import { connect, type Socket } from "node:net";
import type { Receipt } from "../../src/gateway/accept/accept-push.ts";
import type { DeadLetterDesk } from "../../src/gateway/accept/dead-letters.ts";
import type { Dialect, ForeignRequest } from "../../src/gateway/dialect.ts";
import { GatewayError } from "../../src/gateway/errors.ts";
import type { RefusedEvent } from "../../src/gateway/gateway-events.ts";
import { buildAor, domainOf, type Aor } from "../../src/push/address.ts";
import type { Device } from "../../src/push/device.ts";
import { inheritPreferences, type Preferences } from "../../src/push/preferences.ts";
import type { Push, PushRequest } from "../../src/push/push.ts";
import { buildApiKey } from "../../src/http/auth.ts";
import type { HttpDeps } from "../../src/http/http-deps.ts";
import type { TlsMaterial } from "../../src/http/node-server.ts";

// Fake use cases that record their calls, for tests of the HTTP layer.

export const PUSH_ID = "7d0f3c1e-9b0a-4a52-8f57-2f8e5f0f6c11";
export const KEY = "correct-horse-battery-staple";

export interface HttpRig {
  readonly deps: HttpDeps;
  /** Arguments of `acceptPush`. */
  readonly asked: { readonly request: PushRequest; readonly dialect: string }[];
  /** Requests that reached the fake dialect. */
  readonly foreign: ForeignRequest[];
  readonly refused: RefusedEvent[];
  readonly unexpected: unknown[];
  /** Addresses of refused connections. */
  readonly refusedConnections: string[];
}

export interface RigOptions {
  readonly acceptPush?: (request: PushRequest) => Promise<Receipt>;
  readonly pushes?: readonly Push[];
  readonly now?: () => number;
}

/** Creates a server's dependencies, with one dialect on `/push` and `/mobilepush/`. */
export function createHttpRig(options: RigOptions = {}, overrides: Partial<HttpDeps> = {}): HttpRig {
  const rig = { asked: [], foreign: [], refused: [], unexpected: [], refusedConnections: [] } as Omit<HttpRig, "deps">;
  const accept = options.acceptPush ?? (async () => ({ kind: "accepted", id: PUSH_ID, state: "pending" }) as const);
  const deps: HttpDeps = {
    dialects: [createFakeDialect(rig.foreign)],
    acceptPush: (request, dialect) => {
      rig.asked.push({ request, dialect });
      return accept(request);
    },
    pushes: createFakePushes(options.pushes ?? []),
    calls: createFakeCalls(),
    takeRegister: async () => ({ contacts: [], calls: [] }),
    listPushServices: () => ({ providers: ["apns"], featureCaps: ['*;+sip.pns="apns"'] }),
    clock: options.now ?? (() => 1_800_000_000_000),
    deadLetters: createFakeDeadLetters(options.pushes ?? []),
    registrations: createFakeRegistrations(options.now ?? (() => 1_800_000_000_000)),
    preferences: createFakePreferences(),
    events: {
      refused: (event) => void rig.refused.push(event),
      fieldIgnored: () => undefined,
      connectionRefused: (address) => void rig.refusedConnections.push(address),
      unexpected: (_what, error) => void rig.unexpected.push(error),
    },
    maxDataMembers: () => 64,
    apiKeys: () => [buildApiKey("proxy", KEY), buildApiKey("chat", "another-key")],
    readiness: async () => ({ ready: true, checks: { store: "answers" } }),
    metrics: async () => ({ contentType: "text/plain; version=0.0.4", body: "pushes_total 1\n" }),
    ...overrides,
  };
  return { deps, ...rig };
}

/** A call book without calls. */
function createFakeCalls(): HttpDeps["calls"] {
  return {
    hear: async () => [],
    find: async () => [],
    listLatest: async () => [],
    awaitVerdict: async () => undefined,
  };
}

function createFakeDeadLetters(pushes: readonly Push[]): DeadLetterDesk {
  const dead = pushes.filter(({ state }) => state === "failed");
  const has = (id: string) => dead.some((push) => push.id === id);
  return {
    list: async ({ limit, before }) => dead.filter(({ id }) => before === undefined || id < before).slice(0, limit),
    drop: async (id) => has(id),
    async replay(id) {
      if (!has(id)) throw new GatewayError("not_found", `There is no failed push ${id}.`, { field: "id" });
      return { kind: "accepted", id: PUSH_ID, state: "pending" };
    },
  };
}

/** Accepts everything except a query or body with `no=callee`. */
function createFakeDialect(seen: ForeignRequest[]): Dialect {
  return {
    name: "fake",
    paths: ["/push", "/mobilepush/"],
    bodyLimitBytes: 6 * 1024 * 1024,
    read(request) {
      seen.push(request);
      const fields = request.rawQuery + Buffer.from(request.body.subarray(0, 100)).toString("latin1");
      if (fields.includes("no=callee")) {
        throw new GatewayError("missing_field", "callee is needed.", { field: "callee", hint: "use use_post=no" });
      }
      return { kind: "call", callee: buildAor("alice", "example.org"), silent: false, data: {}, aps: {} };
    },
  };
}

function createFakePushes(pushes: readonly Push[]): HttpDeps["pushes"] {
  return {
    get: async (id) => pushes.find((push) => push.id === id),
    awaitEnd: async (id) => pushes.find((push) => push.id === id),
    cancel: async (id): Promise<Push | undefined> => {
      const push = pushes.find((candidate) => candidate.id === id);
      return push && { ...push, state: "cancelled", reason: "cancelled_in_queue" };
    },
  };
}

function createFakeRegistrations(now: () => number): HttpDeps["registrations"] {
  const devices = new Map<string, Device>();
  const keyOf = (subscriber: Aor, id: string) => `${subscriber} ${id}`;
  return {
    async register(unstamped) {
      const device = { ...unstamped, registeredAt: now() };
      const key = keyOf(device.subscriber, device.id);
      const created = !devices.has(key);
      devices.set(key, device);
      const others = [...devices.values()].filter(
        (other) => other !== device && JSON.stringify(other.tokens) === JSON.stringify(device.tokens),
      );
      const displaced = others.map((other) => ({ subscriber: other.subscriber, deviceId: other.id }));
      return { device, result: { created, displaced } };
    },
    unregister: async (subscriber, id) => devices.delete(keyOf(subscriber, id)),
    list: async (subscriber) => [...devices.values()].filter((device) => device.subscriber === subscriber),
  };
}

function createFakePreferences(): HttpDeps["preferences"] {
  const all = new Map<string, Preferences>();
  const read = (whose: string) => all.get(whose) ?? {};
  const patch = (whose: string, change: object) => {
    const merged = Object.entries({ ...read(whose), ...change }).filter(([, value]) => value !== null);
    all.set(whose, Object.fromEntries(merged));
    return read(whose);
  };
  const withDomain = (aor: Aor) => ({
    own: read(aor),
    effective: inheritPreferences(read(aor), read(domainOf(aor))),
  });
  return {
    readSubscriber: async (aor) => withDomain(aor),
    readDomain: async (domain) => read(domain),
    async patchSubscriber(aor, change) {
      patch(aor, change);
      return withDomain(aor);
    },
    patchDomain: async (domain, change) => patch(domain, change),
  };
}

const OPENSSL_REQUEST =
  "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout - -out - " +
  "-subj /CN=127.0.0.1 -addext subjectAltName=DNS:localhost,IP:127.0.0.1";

/** Creates a self-signed certificate for 127.0.0.1 and localhost. */
export function createTlsMaterial(): TlsMaterial & { readonly certificate: string } {
  const pem = execFileSync("openssl", OPENSSL_REQUEST.split(" "), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [key = "", certificate = ""] = pem.match(/-----BEGIN [^]*?-----END [^\n]*\n/g) ?? [];
  return { key, certificate };
}

/** Reads a connection until the peer closes it. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => {
    socket.once("error", () => resolve());
    socket.once("close", () => resolve());
  });
  return Buffer.concat(chunks).toString("latin1");
}

/** Sends bytes and returns everything received until the server closes the connection. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  const answer = readAll(socket);
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  try {
    return await answer;
  } finally {
    socket.destroy();
  }
}
