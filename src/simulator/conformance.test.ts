import https, { Agent, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import { Notification, Provider, type ProviderOptions } from "@parse/node-apn";
import { cert, deleteApp, initializeApp, type App } from "firebase-admin/app";
import { getMessaging, type Message } from "firebase-admin/messaging";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "./simulator.ts";
import { ANDROID } from "../../test/fixtures/simulator/google-client.ts";
import { IPHONE } from "../../test/fixtures/simulator/apns-client.ts";

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(async () => {
  await simulator[Symbol.asyncDispose]();
});

afterEach(() => {
  simulator.forget(IPHONE);
  simulator.forget(ANDROID);
  simulator.mailbox.clear();
});

describe("@parse/node-apn", () => {
  const modes = ["token", "certificate"] as const;

  function optionsOf(mode: (typeof modes)[number]): ProviderOptions {
    const { apnsCertificate, apnsTokenKey } = simulator.credentials;
    const { hostname, port } = new URL(simulator.apns.production);
    const target = { address: hostname, port: Number(port), ca: [simulator.ca] };
    return mode === "token"
      ? { ...target, token: apnsTokenKey }
      : { ...target, cert: apnsCertificate.certificate, key: apnsCertificate.key };
  }

  async function send(mode: (typeof modes)[number], note: Notification) {
    const provider = new Provider(optionsOf(mode));
    try {
      return await provider.send(note, IPHONE);
    } finally {
      await provider.shutdown();
    }
  }

  function aNotification(fields: Partial<Notification> = {}): Notification {
    return Object.assign(
      new Notification(),
      { topic: simulator.credentials.bundleId, pushType: "alert", alert: "Bob" },
      fields,
    );
  }

  function aVoipNotification(): Notification {
    const topic = `${simulator.credentials.bundleId}.voip`;
    const note = { topic, pushType: "voip", expiry: 0, priority: 10, rawPayload: { call_id: "c1" } };
    return Object.assign(new Notification(), note);
  }

  it.each(modes)("delivers alerts and calls with its %s", async (mode) => {
    const results = [await send(mode, aNotification()), await send(mode, aVoipNotification())];

    expect(results).toMatchObject([{ failed: [] }, { failed: [] }]);
    expect(simulator.mailbox.deliveries()).toMatchObject([
      { payload: { aps: { alert: "Bob" } }, headers: { "apns-push-type": "alert" } },
      { payload: { call_id: "c1" }, headers: { "apns-push-type": "voip", "apns-expiration": "0" } },
    ]);
  });

  it.each(modes)("reads a 410 and its timestamp with its %s", async (mode) => {
    simulator.script(IPHONE, { reason: "Unregistered", timestamp: 1_700_000_000_123 });

    const { failed } = await send(mode, aNotification());

    expect(failed).toMatchObject([
      { device: IPHONE, status: 410, response: { reason: "Unregistered", timestamp: 1_700_000_000_123 } },
    ]);
  });

  it.each(modes)("is refused a topic of somebody else with its %s", async (mode) => {
    const { failed } = await send(mode, aNotification({ topic: "org.example.other" }));

    expect(failed).toMatchObject([{ status: 400, response: { reason: "TopicDisallowed" } }]);
  });
});

describe("firebase-admin", () => {
  const globalAgent = https.globalAgent;
  let app: App;

  beforeAll(() => {
    // google-auth-library does not use the given agent for fetching tokens, so the global agent is replaced. The token
    // endpoint must accept an assertion signed by Google's own library.
    https.globalAgent = agentTo(simulator);
    const { serviceAccount, projectId } = simulator.credentials;
    app = initializeApp({ projectId, credential: cert(serviceAccount as object) }, "conformance");
  });

  afterAll(async () => {
    https.globalAgent = globalAgent;
    await deleteApp(app);
  });

  const send = (message: Message) => getMessaging(app).send(message);

  it("fetches its access token and delivers a message", async () => {
    const name = await send({ token: ANDROID, data: { call: "c1" }, android: { priority: "high", ttl: 30_000 } });

    expect(simulator.mailbox.deliveries()).toMatchObject([
      { provider: "fcm", messageId: name, payload: { message: { android: { priority: "high", ttl: "30s" } } } },
    ]);
  });

  it.each([
    ["UNREGISTERED", "messaging/registration-token-not-registered"],
    ["SENDER_ID_MISMATCH", "messaging/mismatched-credential"],
    ["QUOTA_EXCEEDED", "messaging/message-rate-exceeded"],
    ["INTERNAL", "messaging/internal-error"],
  ])("reads %s", async (reason, code) => {
    simulator.script(ANDROID, { reason });

    await expect(send({ token: ANDROID })).rejects.toMatchObject({ code });
  });

  it("reads the refusal of a token that is none", async () => {
    await expect(send({ token: "a token" })).rejects.toMatchObject({ code: "messaging/invalid-argument" });
  });

  it("is refused what its own checks let pass: a reserved key", async () => {
    const refusal = send({ token: ANDROID, data: { "google.x": "1" } });

    await expect(refusal).rejects.toMatchObject({ code: "messaging/invalid-argument" });
    expect(simulator.mailbox.attempts().at(-1)).toMatchObject({ provider: "fcm", fate: "refused" });
  });
});

/** Redirects requests for fcm.googleapis.com or oauth2.googleapis.com to the simulator. */
function agentTo(simulator: Simulator): Agent {
  const { hostname, port } = new URL(simulator.fcm.origin);
  class SimulatorAgent extends Agent {
    override createConnection(options: RequestOptions): Duplex {
      const servername = options.host ?? hostname;
      return connect({ host: hostname, port: Number(port), ca: simulator.ca, servername, ALPNProtocols: ["http/1.1"] });
    }
  }
  return new SimulatorAgent({ keepAlive: false });
}
