import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildCallUuid } from "../../src/push/uuids.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const ALICE = "/v1/subscribers/alice@example.org/devices";
const CALL_ID = "a84b4c76e66710@192.0.2.1";
const PUBLIC_URL = "https://push.example.org:45060";

let running: RunningGateway;

beforeEach(async () => {
  running = await startRunningGateway({
    config: (simulator) => `calls: { public_url: "${PUBLIC_URL}" }\n${buildAppsConfig(simulator)}`,
  });
  await callApi(running, "PUT", `${ALICE}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
  await callApi(running, "PUT", `${ALICE}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
});
afterEach(() => running[Symbol.asyncDispose]());

async function ring(callId = CALL_ID, headers: Record<string, string> = {}, more: object = {}) {
  const body = { call_id: callId, callee: "alice@example.org", caller: "+4315551234", display_name: "Bob", ...more };
  const response = await fetch(`${running.plain}/v1/calls`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

const tell = (event: string, more: object = {}) =>
  callApi(running, "POST", `/v1/calls/${encodeURIComponent(CALL_ID)}/events`, { event, ...more });
const register = (contact: string) =>
  callApi(running, "POST", "/v1/registrations", { aor: "sip:alice@example.org", contact, expires: 3600 });
const rung = () => running.simulator.mailbox.deliveries();
const WAIT = { timeout: 10_000 };
const rungTimes = (count: number) => vi.waitFor(() => expect(rung()).toHaveLength(count), WAIT);
const bothRing = () => rungTimes(2);
const PIXEL_CONTACT =
  `<sip:alice@192.0.2.8:40001;pn-provider=fcm;pn-param=sim-project;pn-prid=${ANDROID_TOKEN}>;` +
  `+sip.instance="<urn:uuid:99999999-2222-4333-8444-555555555555>"`;
const IPHONE_CONTACT =
  `<sip:alice@192.0.2.7:5060;pn-provider=apns;pn-param=SIMTEAM001.org.example.phone.remote%26voip;` +
  `pn-prid=${IPHONE_TOKENS.remote}:remote%26${IPHONE_TOKENS.voip}:voip>;+sip.instance="<urn:uuid:11111111-2222-4333-8444-555555555555>"`;

describe("a call", () => {
  it("rings every phone with all that the app needs to show it and to ask for it", async () => {
    const { status, headers, body } = await ring();
    await bothRing();

    expect(status).toBe(202);
    expect(headers.get("location")).toBe(`/v1/calls/${encodeURIComponent(CALL_ID)}`);
    const uuid = buildCallUuid(CALL_ID);
    expect(body).toMatchObject({ call_id: CALL_ID, call_uuid: uuid, state: "ringing" });
    for (const { payload } of rung()) {
      const text = JSON.stringify(payload);
      for (const part of [CALL_ID, uuid, "+4315551234", "Bob", `${PUBLIC_URL}/v1/calls/`]) expect(text).toContain(part);
    }
  });

  it("is one call, however often its INVITE is retransmitted or forked", async () => {
    const [first, ...others] = await Promise.all([ring(), ring(), ring()]);
    await bothRing();

    expect(new Set(others.map(({ body }) => body["push_id"]))).toEqual(new Set([first.body["push_id"]]));
    expect(rung()).toHaveLength(2);
  });

  it("waits for the phone, and says which one came where, and how soon", async () => {
    const waiting = ring(CALL_ID, { prefer: "wait=20" });
    await bothRing();

    const registered = await register(IPHONE_CONTACT);
    const { status, headers, body } = await waiting;

    expect(registered.body).toMatchObject({ contacts: [{ change: "refreshed", device: "iphone" }], calls: [CALL_ID] });
    expect(status).toBe(200);
    expect(headers.get("preference-applied")).toBe("wait=20");
    expect(body).toMatchObject({
      verdict: "registered",
      contact: "sip:alice@192.0.2.7:5060",
      device: "iphone",
      after_ms: expect.any(Number),
    });
  });

  it("is given up at once where there is no phone, or none that can be woken", async () => {
    const stranger = await ring("other", { prefer: "wait=20" }, { callee: "nobody@example.org" });
    running.simulator.script(IPHONE_TOKENS.voip, { status: 410, reason: "Unregistered" });
    running.simulator.script(ANDROID_TOKEN, { status: 404, reason: "UNREGISTERED" });

    const dead = await ring(CALL_ID, { prefer: "wait=20" });

    expect(stranger.body).toMatchObject({ verdict: "unreachable", reason: "no_device" });
    expect(dead).toMatchObject({ status: 200, body: { verdict: "unreachable" } });
  });

  it("ends the wait with the client's patience, and goes on ringing", async () => {
    const { status, body } = await ring(CALL_ID, { prefer: "wait=0" });

    expect(status).toBe(200);
    expect(body).toMatchObject({ verdict: "timeout", state: "ringing" });
  });

  it("tells the phones that ring in vain, never by a VoIP push, and wakes nobody afterwards", async () => {
    await ring();
    await bothRing();
    await register(IPHONE_CONTACT);

    const answered = await tell("answered");
    await rungTimes(3);
    await tell("answered");
    await ring();

    expect(answered).toMatchObject({ status: 200, body: { calls: [{ state: "answered" }] } });
    expect(rung()[2]).toMatchObject({
      provider: "fcm",
      token: ANDROID_TOKEN,
      payload: { message: { data: { type: "call_end", event: "answered_elsewhere", call_id: CALL_ID } } },
    });
    expect(rung()).toHaveLength(3);
  });

  it.each([
    ["its Contact", "<sip:alice@192.0.2.8:40001>"],
    ["its public GRUU", "<sip:alice@example.org;gr=urn:uuid:99999999-2222-4333-8444-555555555555>"],
    [
      "its instance, from another address",
      '<sip:x@203.0.113.5>;+sip.instance="<urn:uuid:99999999-2222-4333-8444-555555555555>"',
    ],
    ["its token", `<sip:x@203.0.113.5;pn-provider=fcm;pn-param=sim-project;pn-prid=${ANDROID_TOKEN}>`],
  ])(
    "never tells the phone that answers, known by %s, though it registered before the call",
    async (_what, contact) => {
      await register(IPHONE_CONTACT);
      await register(PIXEL_CONTACT);
      await ring();
      await bothRing();

      const answered = await tell("answered", { contact });
      await rungTimes(3);

      expect(answered.body).toMatchObject({ calls: [{ state: "answered", ended_by: "pixel" }] });
      expect(rung()[2]).toMatchObject({ provider: "apns", token: IPHONE_TOKENS.remote });
    },
  );

  it("tells nobody that may have answered, if the Contact belongs to no phone that is known", async () => {
    await register(IPHONE_CONTACT);
    await ring();
    await bothRing();

    const answered = await tell("answered", { contact: "<sip:alice@203.0.113.5>" });
    await rungTimes(3);

    expect(answered.body).toMatchObject({ calls: [{ state: "answered" }] });
    expect(rung()[2]).toMatchObject({ provider: "apns", token: IPHONE_TOKENS.remote });
  });

  it("tells all phones of the caller's cancel, an iPhone in the background", async () => {
    await ring();
    await bothRing();

    await tell("cancel");
    await rungTimes(4);

    const iphone = rung()
      .slice(2)
      .find(({ provider }) => provider === "apns");
    expect(iphone).toMatchObject({ token: IPHONE_TOKENS.remote, headers: { "apns-push-type": "background" } });
    expect(JSON.stringify(iphone?.payload)).toContain("cancelled");
  });

  it("withdraws what has not been sent", async () => {
    running.simulator.script(IPHONE_TOKENS.voip, { status: 503, reason: "ServiceUnavailable" });
    running.simulator.script(ANDROID_TOKEN, { status: 503, reason: "UNAVAILABLE" });
    const { body } = await ring();
    await vi.waitFor(() => expect(running.simulator.mailbox.attempts().length).toBeGreaterThanOrEqual(2), WAIT);

    await tell("cancel");
    const push = await callApi(running, "GET", `/v1/pushes/${String(body["push_id"])}`);

    expect(push.body).toMatchObject({ state: "cancelled" });
  });

  it("answers the woken app by the secret of its push alone, and nobody else without a key", async () => {
    await ring();
    await bothRing();
    const [, url = ""] = /"call_url":"([^"]+)"/.exec(JSON.stringify(rung()[0]?.payload)) ?? [];
    const path = url.slice(PUBLIC_URL.length);

    const asked = await callApi(running, "GET", path);
    const guessed = await callApi(running, "GET", path.replace(/token=.*/, "token=guessed"));
    await tell("cancel");
    const after = await callApi(running, "GET", path);

    expect(asked).toMatchObject({ status: 200, body: { call_id: CALL_ID, state: "ringing", ringing: true } });
    expect(asked.body).not.toHaveProperty("calls");
    expect(guessed.status).toBe(404);
    expect(after.body).toMatchObject({ state: "cancelled", ringing: false });
  });
});

describe("Sipwise's own way of asking", () => {
  const push = (query: string) => fetch(`${running.plain}/push?${query}`);
  const SEMS = "caller=4315551234&callee=alice&domain=example.org";

  it("begins a call that a registration answers, and that a proxy may end by who called whom", async () => {
    await push(SEMS);
    await bothRing();
    await register("<sip:alice@192.0.2.8>");

    const cancelled = await push(`${SEMS}&event=cancel`);
    const calls = await callApi(running, "GET", `/v1/subscribers/alice%40example.org/calls`);

    expect(await cancelled.json()).toEqual({ status: "heard", calls: 1 });
    expect(calls.body).toMatchObject({ calls: [{ state: "cancelled", asked_by: "sipwise" }] });
  });

  it("takes a Call-ID, and events for it", async () => {
    await push(`${SEMS}&call_id=c-1`);
    await bothRing();

    await register(PIXEL_CONTACT);
    const answered = await push("event=answered&call_id=c-1&contact=%3Csip%3Aalice%40192.0.2.8%3A40001%3E");
    const wrong = await push("event=dance&call_id=c-1");

    expect(await answered.json()).toEqual({ status: "heard", calls: 1 });
    expect((await callApi(running, "GET", "/v1/calls/c-1")).body).toMatchObject({
      calls: [{ state: "answered", ended_by: "pixel" }],
    });
    expect(wrong.status).toBe(400);
  });
});
