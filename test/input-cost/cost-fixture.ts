import { listDialects } from "../../src/app/dialects.ts";
import { readContacts } from "../../src/dialects/contact.ts";
import { createTakeRegister } from "../../src/gateway/subscribers/relayed-registers.ts";
import { createHttpServer } from "../../src/http/server.ts";
import type { HttpDeps } from "../../src/http/http-deps.ts";
import { buildDedupKey } from "../../src/push/dedup-key.ts";
import { createLaunchRoutes } from "../../src/launcher/launch-routes.ts";
import { trimRequest } from "../../src/payloads/trim.ts";
import { createHttpFixture, PUSH_ID } from "../fixtures/http-fixture.ts";

/** One request as a client would send it. */
export interface Input {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface CostFixture extends AsyncDisposable {
  /** Returns the CPU milliseconds of a request: the minimum of several runs, because other load only adds to it. */
  measure(input: Input, runs?: number): Promise<number>;
  statusOf(input: Input): Promise<number>;
}

const LAUNCH_APP = {
  domain: undefined,
  paths: ["/p"],
  scheme: "sipphone",
  secret: { key: "0123456789abcdef", iv: "fedcba9876543210" },
  name: "Phone",
  stores: {},
};

const COMPAT = ["flexisip", "freeswitch", "kazoo", "sylk", "vialer"] as const;

/** CPU milliseconds of `referenceWork` on an undisturbed core of the machine on which the limit of 50 ms was set. */
const REFERENCE_MS = 20;

/**
 * Returns how many times slower than the reference machine this one is now; at least 1, so that a fast machine does not
 * narrow a limit.
 */
export function measureSlowness(): number {
  let least = Infinity;
  for (let run = 0; run < 10; run += 1) {
    const before = process.cpuUsage();
    referenceWork();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return Math.max(1, least / REFERENCE_MS);
}

/** Copies bytes, visits each and makes text of them, like reading a body. */
function referenceWork(): number {
  const bytes = Buffer.alloc(4 * 1024 * 1024, "aé");
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === 0x61) bytes[at] = 0x62;
  return bytes.toString("utf8").length + bytes.toString("latin1").length;
}

/** Builds the whole path of a request up to the store, with real parsers. */
export async function startCostFixture(): Promise<CostFixture> {
  const fixture = createHttpFixture();
  const acceptPush: HttpDeps["acceptPush"] = async (request) => {
    buildDedupKey(request, { explicitMs: 1, implicitMs: 1 });
    JSON.stringify(trimRequest(request));
    return { kind: "accepted", id: PUSH_ID, state: "pending" };
  };
  const { registrations, calls } = fixture.deps;
  const wakes = { bound: async () => {}, unbound: async () => {} };
  const app = createHttpServer(
    { requireKey: false, names: () => [] },
    {
      ...fixture.deps,
      acceptPush,
      takeRegister: createTakeRegister({
        readContacts,
        registrations,
        calls,
        wakes,
        events: { contactNotLearned: () => undefined },
        clock: Date.now,
      }),
      dialects: listDialects({
        sipwise: { paths: ["/push"] },
        ...(Object.fromEntries(
          COMPAT.map((name) => [name, { paths: [`/compat/${name}`], profile: "standard", holdMs: 0 }]),
        ) as Record<(typeof COMPAT)[number], { paths: string[]; profile: "standard"; holdMs: number }>),
      }),
      trustedProxies: ["127.0.0.1", "10.0.0.0/8"],
      plugins: [
        createLaunchRoutes({
          paths: ["/p"],
          apps: () => [LAUNCH_APP],
          perMinute: 1_000_000,
          events: { launchAnswered: () => undefined },
          clock: Date.now,
        }),
      ],
    },
  );
  await app.ready();
  const send = ({ method, url, headers = {}, body }: Input) =>
    app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });

  return {
    async measure(input, runs = 5) {
      let least = Infinity;
      for (let run = 0; run < runs; run += 1) {
        const before = process.cpuUsage();
        await send(input);
        const { user, system } = process.cpuUsage(before);
        least = Math.min(least, (user + system) / 1000);
      }
      return least;
    },
    statusOf: async (input) => (await send(input)).statusCode,
    [Symbol.asyncDispose]: () => app.close(),
  };
}
