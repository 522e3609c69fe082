import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const CASE = readFileSync(new URL("../field-cases/two-accounts-one-phone.txt", import.meta.url), "utf8");
const TOKEN = /pn-prid=([^>]*)>/.exec(CASE)?.[1] ?? "";

let running: RunningGateway;

beforeEach(async () => {
  running = await startRunningGateway();
});
afterEach(() => running[Symbol.asyncDispose]());

const register = (body: unknown) => callApi(running, "POST", "/v1/registrations", body);
const devicesOf = async (user: string) =>
  (await callApi(running, "GET", `/v1/subscribers/${user}@example.org/devices`)).body["devices"];
const ring = (callId: string, user: string) =>
  callApi(running, "POST", "/v1/calls", { call_id: callId, callee: `${user}@example.org` });
const rung = () => running.simulator.mailbox.deliveries().map(({ payload }) => JSON.stringify(payload));

/** Sends the requests of the field case, with changes. */
async function registerBoth(change: (body: Record<string, unknown>) => object = (body) => body): Promise<void> {
  for (const [, json = ""] of CASE.matchAll(/registrations {2}(\{.*\})/g)) {
    await register(change(JSON.parse(json) as Record<string, unknown>));
  }
}

describe("one app with two accounts", () => {
  it("rings for both", async () => {
    await registerBoth();

    expect(await ring("mw1", "work")).toMatchObject({ status: 202, body: { state: "ringing" } });
    expect(await ring("mh1", "home")).toMatchObject({ status: 202, body: { state: "ringing" } });
    await vi.waitFor(() => expect(rung()).toHaveLength(2), { timeout: 10_000 });
    expect(rung().join()).toMatch(/mw1.*mh1|mh1.*mw1/);
  });

  it("rings for both through Apple's two tokens", async () => {
    const prid = `${IPHONE_TOKENS.voip}:voip&${IPHONE_TOKENS.remote}:remote`;
    const contact = `<sip:x@192.0.2.9;pn-provider=apns;pn-param=T.org.example.phone.voip&remote;pn-prid=${prid}>;+sip.instance="<urn:uuid:1>"`;
    await registerBoth((body) => ({ ...body, contact }));

    expect(await devicesOf("work")).toMatchObject([
      { tokens: { voip: expect.any(String), remote: expect.any(String) } },
    ]);
    expect(await devicesOf("home")).toHaveLength(1);
  });

  it.each([
    ["says no expiry", ({ expires: _expires, ...body }: Record<string, unknown>) => body],
    [
      "does not name its instance",
      ({ contact, ...body }: Record<string, unknown>) => ({
        ...body,
        contact: String(contact).replace(/;\+sip.*/, ""),
      }),
    ],
  ])("has the last one alone where it %s", async (_what, change) => {
    await registerBoth(change);

    expect(await devicesOf("work")).toEqual([]);
    expect(await devicesOf("home")).toHaveLength(1);
  });

  it("loses one account that logs out, and keeps the other", async () => {
    await registerBoth();
    const [, json = ""] = /registrations {2}(\{.*home.*\})/.exec(CASE) ?? [];
    await register({ ...(JSON.parse(json) as object), expires: 0 });

    expect(await devicesOf("home")).toEqual([]);
    expect(await devicesOf("work")).toHaveLength(1);
  });
});

describe("an app that registers by the API", () => {
  const put = (user: string, more: object = {}) =>
    callApi(running, "PUT", `/v1/subscribers/${user}@example.org/devices/px`, {
      provider: "fcm",
      token: TOKEN,
      ...more,
    });

  it("moves its token, as ever", async () => {
    await registerBoth();
    const { body } = await put("mobile");

    expect(body["displaced"]).toHaveLength(2);
    expect(await devicesOf("work")).toEqual([]);
    expect(await devicesOf("home")).toEqual([]);
  });

  it("leaves it to the others where it says so", async () => {
    await put("work");
    const { body } = await put("home", { keep_others: true });

    expect(body["displaced"]).toEqual([]);
    expect(await devicesOf("work")).toHaveLength(1);
    expect(await devicesOf("home")).toHaveLength(1);
  });
});
