import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { problem, startFakeGateway, type FakeGateway } from "../../test/fixtures/fake-gateway.ts";
import { buildSendCommand } from "./send.ts";

const ID = "7d0f3c1e-9b0a-4a52-8f57-2f8e5f0f6c11";

let gateway: FakeGateway;

beforeEach(async () => {
  gateway = await startFakeGateway();
  gateway.answer("POST /v1/pushes", { status: 202, body: { id: ID, status: "accepted", state: "pending" } });
});

afterEach(() => gateway[Symbol.asyncDispose]());

function send(...args: string[]) {
  return runCli(buildSendCommand, args, { SIP_PUSHD_URL: gateway.url });
}

function follow(...pushes: object[]) {
  gateway.answer(`GET /v1/pushes/${ID}`, ...pushes.map((body) => ({ body })));
}

const IPHONE = {
  device: "iphone",
  provider: "apns",
  environment: "production",
  token_kind: "voip",
  token: "a1a1a1…a1a1",
  state: "delivered",
  attempts: 1,
  provider_message_id: ID,
};
const PIXEL = {
  device: "pixel",
  provider: "fcm",
  environment: "production",
  token_kind: "registration",
  token: "fZ3kq9…6789",
  state: "failed",
  attempts: 1,
  reason: "UNREGISTERED",
};

function aPush(overrides: object = {}) {
  return {
    id: ID,
    kind: "call",
    callee: "alice@example.org",
    silent: false,
    state: "delivered",
    accepted_at: "2026-11-23T06:00:00.000Z",
    deadline: "2026-11-23T06:01:00.000Z",
    deliveries: [IPHONE],
    ...overrides,
  };
}

describe("what is sent", () => {
  beforeEach(() => follow(aPush()));

  it("means one device where it is named, and leaves none out then", async () => {
    follow(aPush({ kind: "message" }));

    await send("alice@example.org", "--message", "Lunch?", "--device", "iphone");

    expect(gateway.seen[0]?.body).toMatchObject({ callee: "alice@example.org", device: "iphone" });
    expect(gateway.seen.filter(({ route }) => route.includes("/devices"))).toEqual([]);
  });

  it("is a call, under a new name each time", async () => {
    await send("alice@example.org", "--caller", "+4315551234");
    await send("alice@EXAMPLE.org");

    const [first, , second] = gateway.seen.map(({ body }) => body as Record<string, unknown>);
    expect(first).toMatchObject({ callee: "alice@example.org", kind: "call", caller: "+4315551234", silent: false });
    expect(second).toMatchObject({ callee: "alice@example.org" });
    expect(second?.["push_id"]).not.toBe(first?.["push_id"]);
  });

  it("is a message where there is a text or silence is wanted", async () => {
    await send("alice@example.org", "--message", "Lunch?", "--data", "a=1", "--data", "b=x=y", "--ttl", "60");
    await send("alice@example.org", "--silent");

    expect(gateway.seen[0]?.body).toMatchObject({
      kind: "message",
      data: { a: "1", b: "x=y", message: "Lunch?" },
      ttl_seconds: 60,
    });
    const posted = gateway.seen.flatMap(({ body }) => (body === undefined ? [] : [body]));
    expect(posted[1]).toMatchObject({ kind: "message", silent: true });
  });

  it.each([
    [["alice"], /user@domain/],
    [["alice@example.org", "--kind", "fax"], /call, message, invite, groupchat/],
    [["alice@example.org", "--ttl", "1.5"], /whole number of seconds/],
    [["alice@example.org", "--data", "novalue"], /name=value/],
    [["alice@example.org", "--kind", "call", "--silent"], /--kind message/],
    [[], /subscriber/],
  ])("is nothing where the command line is wrong: %j", async (args, hint) => {
    const run = await send(...args);

    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(hint);
    expect(run.stdout).toBe("");
    expect(gateway.seen).toEqual([]);
  });
});

describe("what is shown", () => {
  it("follows the push to its end and tells who took it", async () => {
    const pending = { ...IPHONE, state: "pending", attempts: 0 };
    follow(
      aPush({ state: "pending", deliveries: [pending] }),
      aPush({ state: "pending", deliveries: [pending] }),
      aPush(),
    );

    const run = await send("alice@example.org");

    expect(run.exitCode).toBe(0);
    expect(run.stdout).toBe(
      `Push ${ID}: call for alice@example.org: delivered\n  iphone  apns  delivered  Apple took it (${ID})\n`,
    );
    expect(gateway.seen).toHaveLength(4);
  });

  it("explains each failure once, and fails although another phone was woken", async () => {
    follow(aPush({ deliveries: [IPHONE, PIXEL, { ...PIXEL, device: "tablet" }] }));

    const run = await send("alice@example.org");

    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain("pixel   fcm   failed     UNREGISTERED, 1 attempt\n");
    expect(run.stdout).toContain("pixel, tablet: UNREGISTERED\n");
    expect(run.stdout.match(/What to do:/g)).toHaveLength(1);
    expect(run.stdout).toContain("sign in again");
  });

  it("says how many phones were woken, where it was not all of them", async () => {
    follow(aPush({ deliveries: [IPHONE, PIXEL] }));

    expect((await send("alice@example.org")).stdout).toContain("delivered to 1 of 2 phones\n");
  });

  it("says that the deadline left no time for another attempt", async () => {
    const expired = { ...PIXEL, state: "expired", reason: "QUOTA_EXCEEDED" };
    follow(aPush({ state: "expired", deliveries: [expired] }));

    const run = await send("alice@example.org");

    expect(run.stdout).toContain(
      "  Given up:     The next attempt would have missed the deadline, 2026-11-23T06:01:00.000Z.\n",
    );
  });

  it("names a phone that a message cannot go to, and why", async () => {
    const voipOnly = { device: "ipad", provider: "apns", tokens: { voip: "a1a1a1…a1a1" } };
    const woken = { device: "iphone", provider: "apns", tokens: { voip: "b2b2b2…b2b2", remote: "c3c3c3…c3c3" } };
    gateway.answer("GET /v1/subscribers/alice%40example.org/devices", { body: { devices: [voipOnly, woken] } });
    follow(aPush({ kind: "message" }));

    const run = await send("alice@example.org", "--message", "Lunch?");
    const json = await send("alice@example.org", "--message", "Lunch?", "--json");

    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(/^  ipad {4}apns  left out   voip_token_only$/m);
    expect(run.stdout).toMatch(/^ipad: voip_token_only$/m);
    expect(JSON.parse(json.stdout)).toMatchObject({
      push: { left_out: [{ device: "ipad", explanation: { what_to_do: expect.any(String) } }] },
    });
  });

  it("does not fail over the phones that it cannot list", async () => {
    gateway.answer("GET /v1/subscribers/alice%40example.org/devices", problem(503, "store_unavailable", "Away."));
    follow(aPush({ kind: "message" }));

    expect(await send("alice@example.org", "--message", "Lunch?")).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("gives up waiting at the timeout, and says until when the gateway goes on", async () => {
    const waiting = { ...PIXEL, state: "pending", attempts: 2, reason: "UNAVAILABLE" };
    follow(aPush({ state: "pending", deliveries: [waiting] }));

    const run = await send("alice@example.org", "--timeout", "0.12");

    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain("goes on trying until 2026-11-23T06:01:00.000Z");
    expect(run.stdout).toContain("UNAVAILABLE, 2 attempts");
  });

  it("does not wait for what somebody has to mend first, and says what", async () => {
    const refused = { ...IPHONE, state: "pending", reason: "InvalidProviderToken" };
    follow(aPush({ state: "pending", deliveries: [refused, { ...PIXEL, state: "delivered" }] }));

    const run = await send("alice@example.org");
    const json = await send("alice@example.org", "--json");

    expect(run.exitCode).toBe(1);
    expect(run.stdout).toContain("tries again for a while, in case it is mended");
    expect(run.stdout).toMatch(/iphone: InvalidProviderToken\n[^]*\n {2}What to do: {3}Compare/);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, timed_out: false, push: { state: "pending" } });
  });

  it("is one JSON object for programs, with the explanations in it", async () => {
    follow(aPush({ state: "failed", deliveries: [PIXEL] }));

    const run = await send("alice@example.org", "--json");

    expect(run.exitCode).toBe(1);
    expect(JSON.parse(run.stdout)).toMatchObject({
      ok: false,
      timed_out: false,
      push: { id: ID, deliveries: [{ device: "pixel", explanation: { what_to_do: expect.any(String) } }] },
    });
  });

  it.each([
    ["no_device", problem(404, "no_device", "No device.", { push_id: ID })],
    ["domain_disabled", problem(403, "domain_disabled", "Off.")],
    ["push_disabled", { status: 202, body: { id: ID, status: "suppressed", code: "push_disabled" } }],
  ])("says why nothing was sent: %s", async (reason, answer) => {
    gateway.answer("POST /v1/pushes", answer);

    const run = await send("alice@example.org");
    const json = await send("alice@example.org", "--json");

    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(
      new RegExp(`^Nothing was sent: ${reason}\n  .*\n  Likely cause: [^]*\n  What to do:   [^]*\n$`),
    );
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      reason,
      explanation: { what_to_do: expect.any(String) },
    });
  });

  it("names the push where the gateway stops answering after it took it", async () => {
    gateway.answer(`GET /v1/pushes/${ID}`, problem(503, "store_unavailable", "The store does not answer."));

    const run = await send("alice@example.org", "--json");

    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(`accepted as ${ID}`);
    expect(run.stderr).toContain("The store does not answer.");
    expect(run.stdout).toBe("");
  });
});
