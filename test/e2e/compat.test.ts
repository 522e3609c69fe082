import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { CALL_ID, FCM_TOKEN, REMOTE_TOKEN, VOIP_TOKEN, readCapture } from "../fixtures/captured-request.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const APP = "org.example.phone";
const OTHER_TOKEN = "7e".repeat(32);

const CONFIG = ({ apns, fcm, credentials: { apnsTokenKey: key } }: Simulator) => `
dedup: { window_seconds: 0 }
# Its answers, held until somebody has come: vialer.test.ts.
dialects: { vialer: { hold_ms: 0 } }
apns:
  endpoint: ${apns.production}
  sandbox_endpoint: ${apns.sandbox}
  ca_file: ca.crt
  http2_jwt: { ec_key: AuthKey_${key.keyId}.p8, ec_key_id: ${key.keyId}, issuer: ${key.teamId}, topic: ${APP} }
fcm:
  service_account: service-account.json
  endpoint: ${fcm.origin}
  token_endpoint: ${fcm.tokenEndpoint}
  ca_file: ca.crt
`;

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({ config: CONFIG });
});
beforeEach(() => running.simulator.mailbox.clear());
afterAll(() => running[Symbol.asyncDispose]());

const APPS = /org\.linphone\.phone|com\.carusto\.mobile\.app|com\.app\.mymobileapp|com\.agprojects\.sylk-ios/g;

/**
 * Sends the platform's request with the simulator's app and a new Call-ID, because one call rings a phone only once.
 */
async function post(file: string, callId: string) {
  const { method, path, rawQuery, contentType, body } = readCapture(file);
  const renamed = (text: string) => text.replaceAll(CALL_ID, callId).replaceAll(APPS, APP);
  const response = await fetch(`${running.plain}${renamed(`${path}?${rawQuery}`)}`, {
    method,
    headers: contentType === undefined ? {} : { "content-type": contentType },
    ...(method === "GET" ? {} : { body: renamed(Buffer.from(body).toString("utf8")) }),
  });
  return { status: response.status, body: await response.text() };
}

const answers = {
  flexisip: [200, /^\{"id":"[-0-9a-f]{36}","status":"accepted"\}$/],
  freeswitch: [200, /"status":"accepted"/],
  kazoo: [200, /"status":"accepted"/],
  sylk: [200, /^\{"code":200,"description":"push accepted: [-0-9a-f]{36}","data":\{\}\}$/],
  vialer: [200, /^status=ACK$/],
} as const;

const LINPHONE = { aps: { "loc-key": "IC_MSG" }, "from-uri": "sip:+4315551234@example.org" };

/** Expected push for each capture. */
const ARRIVALS: Readonly<Record<string, object>> = {
  "flexisip/call-voip-h2.json": { token: VOIP_TOKEN, environment: "production", payload: LINPHONE },
  "flexisip/call-firebase-h2.json": {
    token: FCM_TOKEN,
    payload: { message: { data: { "loc-key": "IC_MSG", "display-name": "Alice Exämple & Co" } } },
  },
  "flexisip/message-h2.json": {
    token: REMOTE_TOKEN,
    environment: "sandbox",
    payload: { aps: { alert: { "loc-key": "IM_MSG" }, sound: "msg.caf", "mutable-content": 1 } },
  },
  "flexisip/missed-call-h2.json": {
    token: REMOTE_TOKEN,
    payload: { aps: { alert: { "loc-key": "Missing call", "loc-args": ["Alice Exämple & Co"] } } },
  },
  "flexisip/register-wakeup-h2.json": { token: REMOTE_TOKEN, payload: { aps: { "content-available": 1 } } },
  "flexisip/flexiapi-call-h2.json": { token: VOIP_TOKEN, payload: { aps: { "loc-key": "IC_MSG" } } },
  "flexisip/flexiapi-fcm-h2.json": { token: FCM_TOKEN, payload: { message: { data: { "loc-key": "IC_MSG" } } } },
  "flexisip/flexiapi-message-h2.json": { token: REMOTE_TOKEN, environment: "sandbox" },
  "freeswitch/form-voip.http": {
    token: VOIP_TOKEN,
    headers: { "apns-topic": `${APP}.voip` },
    payload: { callee: "101", domain: "local.carusto.com" },
  },
  "freeswitch/form-call-id.http": { token: FCM_TOKEN, payload: { message: { data: { type: "call" } } } },
  "freeswitch/default-template.http": { token: VOIP_TOKEN },
  "freeswitch/get.http": { token: VOIP_TOKEN, payload: { caller: "+4315551234" } },
  "freeswitch/im.http": { token: REMOTE_TOKEN, payload: { aps: { alert: 'Body & "message"', badge: 1 } } },
  "freeswitch/path.http": { token: VOIP_TOKEN },
  "kazoo/apple.http": { environment: "sandbox", headers: { "apns-topic": `${APP}.voip` } },
  "kazoo/firebase.http": { token: FCM_TOKEN },
  "sylk/v1-call-apple.http": { token: VOIP_TOKEN, payload: { event: "incoming_session", "media-type": "video" } },
  "sylk/v1-call-firebase.http": { token: FCM_TOKEN },
  "sylk/v1-cancel.http": { token: REMOTE_TOKEN, payload: { aps: { "content-available": 1 }, event: "cancel" } },
  "sylk/v2-push.http": { token: VOIP_TOKEN, payload: { event: "incoming_session" } },
  "sylk/v2-message.http": { token: REMOTE_TOKEN, payload: { aps: { alert: "New message from Alice Example" } } },
  "sylk/v2-cancel.http": { token: REMOTE_TOKEN, payload: { event: "cancel", reason: "Call completed elsewhere" } },
  "vialer/incoming-call.http": { token: OTHER_TOKEN, payload: { phonenumber: "0123456789", caller_id: "Test name" } },
  "vialer/incoming-call-plus.http": { token: OTHER_TOKEN, payload: { caller: "+31123456789" } },
};

describe("other platforms' requests, at a running gateway that nobody has told of them", () => {
  beforeAll(async () => {
    await post("sylk/v2-add.http", "");
    const device = { provider: "apns", tokens: { voip: OTHER_TOKEN }, app: APP };
    await callApi(running, "PUT", "/v1/subscribers/123456789@sip.example.org/devices/iphone", device);
  });

  it.each(Object.entries(ARRIVALS))(
    "%s reaches the phone, and is answered as the platform expects",
    async (file, phone) => {
      const [status, body] = answers[file.split("/")[0] as keyof typeof answers];
      const callId = `call-${Object.keys(ARRIVALS).indexOf(file)}`.padEnd(CALL_ID.length, "x");

      const answer = await post(file, callId);

      expect(answer).toEqual({ status, body: expect.stringMatching(body) });
      await expect(running.simulator.mailbox.waitFor(() => true)).resolves.toMatchObject(phone);
    },
  );

  it("tells a Linphone in Linphone's words of a call's end, where the platform says that to the gateway", async () => {
    const { mailbox } = running.simulator;
    const callId = "to-be-cancelled";
    await post("flexisip/call-no-caller-h2.json", callId);
    await mailbox.waitFor(({ token }) => token === REMOTE_TOKEN);
    mailbox.clear();

    await callApi(running, "POST", `/v1/calls/${callId}/events`, { event: "cancel" });

    await expect(mailbox.waitFor(() => true)).resolves.toMatchObject({
      token: REMOTE_TOKEN,
      payload: { aps: { alert: { "loc-key": "Missing call" } }, "call-id": callId },
    });
  });

  it("adds and removes an account's tokens as Sylk's clients ask for it", async () => {
    const removed = await post("sylk/v2-remove.http", "");
    const removedAgain = await post("sylk/v2-remove.http", "");
    const added = await post("sylk/v2-add.http", "");

    expect([removed, removedAgain, added]).toEqual([
      { status: 200, body: '{"code":200,"description":"token removed","data":{}}' },
      { status: 404, body: '{"code":404,"description":"Not found","data":{}}' },
      { status: 200, body: '{"code":200,"description":"token added","data":{}}' },
    ]);
  });
});

it("an app that has Linphone's form gets it from every platform", async () => {
  await using own = await startRunningGateway({
    config: (simulator) => `${CONFIG(simulator).replaceAll("  ca_file", "  payload_profile: linphone\n  ca_file")}
gcm: { key: ${simulator.credentials.gcmKey}, endpoint: "${simulator.gcm.endpoint}", ca_file: ca.crt }
`,
  });
  const bob = "/v1/subscribers/bob@example.org/devices";
  await callApi(own, "PUT", `${bob}/iphone`, { provider: "apns", tokens: { voip: VOIP_TOKEN } });
  await callApi(own, "PUT", `${bob}/pixel`, { provider: "fcm", token: FCM_TOKEN });
  await callApi(own, "PUT", `${bob}/nexus`, { provider: "gcm", token: `${FCM_TOKEN}2` });

  await callApi(own, "GET", "/push?caller=sip:alice@example.org&callee=bob&domain=example.org&call_id=c1");

  const words = { "call-id": "c1", "loc-key": "IC_MSG" };
  const payloadAt = async (place: string) =>
    (await own.simulator.mailbox.waitFor(({ provider }) => provider === place)).payload;
  expect(await payloadAt("apns")).toMatchObject({ aps: words, "from-uri": "sip:alice@example.org" });
  expect(await payloadAt("fcm")).toMatchObject({ message: { data: words } });
  expect(await payloadAt("gcm")).toMatchObject({ data: words });
});
