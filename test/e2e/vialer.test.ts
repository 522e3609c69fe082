import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import type { Attempt } from "../../src/simulator/mailbox.ts";
import { FCM_TOKEN, VOIP_TOKEN, readCapture } from "../fixtures/captured-request.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const SUBSCRIBER = "123456789@sip.example.org";
const PUBLIC_URL = "https://push.example.org:45060";
const UNIQUE_KEY = "sduiqayduiryqwuioeryqwer76789";
const APP = "com.voipgrid.vialer";

/** Longer than any test waits, except those in which no phone comes. */
const LONG_HOLD_MS = 60_000;
const SHORT_HOLD_MS = 50;

let patient: RunningGateway;
let hasty: RunningGateway;

const start = (holdMs: number) =>
  startRunningGateway({
    config: (simulator) => `
calls: { public_url: "${PUBLIC_URL}" }
dialects: { vialer: { hold_ms: ${holdMs} } }
${buildAppsConfig(simulator)}`,
  });

beforeAll(async () => {
  [patient, hasty] = await Promise.all([start(LONG_HOLD_MS), start(SHORT_HOLD_MS)]);
  for (const running of [patient, hasty]) await post(running, "apns-device");
});
beforeEach(() => patient.simulator.mailbox.clear());
afterAll(async () => {
  await patient[Symbol.asyncDispose]();
  await hasty[Symbol.asyncDispose]();
});

let calls = 0;
/** One call rings a phone only once, so each test has its own. */
const nextCall = () => `call-${(calls += 1)}`;

/** Sends the request of Asterisk or the app with the simulator's app and another call. */
async function post(running: RunningGateway, capture: string, uniqueKey = UNIQUE_KEY) {
  const { method, path, contentType = "", body } = readCapture(`vialer/${capture}.http`);
  const text = Buffer.from(body).toString("utf8").replace(APP, "org.example.phone").replace(UNIQUE_KEY, uniqueKey);
  const headers = { "content-type": contentType };
  const response = await fetch(running.plain + path, { method, headers, body: text });
  return { status: response.status, body: await response.text() };
}

const ACK = { status: 200, body: "status=ACK" };
const NAK = { status: 200, body: "status=NAK" };

/** Sends a call as Asterisk does. `woken` is the push that the phone got while the answer is still held. */
async function ask(id: string): Promise<{ readonly answer: ReturnType<typeof post>; readonly woken: Attempt }> {
  const answer = post(patient, "incoming-call", id);
  const woken = await patient.simulator.mailbox.waitFor(({ payload }) => JSON.stringify(payload).includes(`"${id}"`));
  return { answer, woken };
}

describe("Asterisk's incoming-call, of which the answer is held", () => {
  it("is ACK when a phone has registered", async () => {
    const { answer, woken } = await ask(nextCall());

    const contact = "<sip:123456789@192.0.2.7:5060>";
    await callApi(patient, "POST", "/v1/registrations", { aor: `sip:${SUBSCRIBER}`, contact, expires: 3600 });

    expect(woken.token).toBe(VOIP_TOKEN);
    expect(await answer).toEqual(ACK);
  });

  it("is ACK when the app says that it waits for the call, of which it has learned all that it reads", async () => {
    const id = nextCall();
    const { answer, woken } = await ask(id);

    const heard = await post(patient, "call-response-iphone", id);

    expect(woken.payload).toMatchObject({
      type: "call",
      unique_key: id,
      phonenumber: "0123456789",
      caller_id: "Test name",
      response_api: `${PUBLIC_URL}/compat/vialer/sip.example.org/api/call-response/`,
      message_start_time: expect.stringMatching(/^\d{10}\.\d{3}$/),
      attempt: "1",
    });
    expect(heard).toEqual({ status: 202, body: "" });
    expect(await answer).toEqual(ACK);
  });

  it("is NAK at once when the app cannot take the call", async () => {
    const id = nextCall();
    const { answer } = await ask(id);

    const heard = await post(patient, "call-response-android-busy", id);

    expect(heard.status).toBe(202);
    expect(await answer).toEqual(NAK);
  });

  it("is NAK at once when the provider knows the token no more", async () => {
    patient.simulator.script(VOIP_TOKEN, { reason: "Unregistered", times: 1 });

    const answer = await post(patient, "incoming-call", nextCall());

    expect(answer).toEqual(NAK);
    await post(patient, "apns-device");
  });

  it("is NAK at once when the account has no phone", async () => {
    await post(patient, "apns-device-delete");

    const answer = await post(patient, "incoming-call", nextCall());

    expect(answer).toEqual(NAK);
    await post(patient, "apns-device");
  });

  it("is NAK once nobody has come for so long, and the call is over then: a late app hears so", async () => {
    const id = nextCall();

    const answer = await post(hasty, "incoming-call", id);
    const late = await post(hasty, "call-response-iphone", id);

    expect(answer).toEqual(NAK);
    expect(late.status).toBe(404);
    const { body } = await callApi(hasty, "GET", `/v1/calls/${id}`);
    expect(body["calls"]).toMatchObject([{ state: "missed" }]);
  });
});

describe("Vialer's apps", () => {
  it("register their devices and take them back", async () => {
    const posts = ["android-device", "android-device", "android-device-delete", "android-device-delete"];
    const statuses: number[] = [];
    for (const capture of posts) statuses.push((await post(patient, capture)).status);

    expect(statuses).toEqual([201, 200, 200, 404]);
  });

  it("are woken by either service", async () => {
    await post(patient, "android-device");
    const id = nextCall();
    const { answer } = await ask(id);

    const woken = await patient.simulator.mailbox.waitFor(({ token }) => token === FCM_TOKEN);
    await post(patient, "call-response-android", id);

    expect(woken.payload).toMatchObject({ message: { data: { type: "call", unique_key: id, attempt: "1" } } });
    expect(await answer).toEqual(ACK);
    await post(patient, "android-device-delete");
  });

  it("say what the middleware logs, and are thanked", async () => {
    expect(await post(patient, "hangup-reason")).toEqual({ status: 200, body: "" });
    expect(await post(patient, "log-metrics")).toEqual({ status: 200, body: "" });
  });

  it("answer no call that there is not", async () => {
    expect((await post(patient, "call-response-iphone", "unheard-of")).status).toBe(404);
  });
});
