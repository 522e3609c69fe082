import { afterEach, beforeEach, expect, it } from "vitest";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { problem, startFakeGateway, type FakeGateway } from "../../test/fixtures/fake-gateway.ts";
import { buildDevicesCommand } from "./devices.ts";

const DEVICES = "/v1/subscribers/alice%40example.org/devices";

const PIXEL = {
  subscriber: "alice@example.org",
  device: "pixel",
  provider: "fcm",
  tokens: { registration: "fZ3kq9…6789" },
  environment: "production",
  name: "Alice's \u001b[31mphone",
  registered_at: "2026-11-23T06:00:00.000Z",
};
const IPHONE = {
  ...PIXEL,
  device: "iphone",
  provider: "apns",
  tokens: { voip: "a1a1a1…a1a1", remote: "b2b2b2…b2b2" },
  environment: "sandbox",
  app: "org.example.phone",
};

let gateway: FakeGateway;

beforeEach(async () => {
  gateway = await startFakeGateway();
});

afterEach(() => gateway[Symbol.asyncDispose]());

function devices(...args: string[]) {
  return runCli(buildDevicesCommand, args, { SIP_PUSHD_URL: gateway.url });
}

it("lists a subscriber's phones in a table that no phone's name can break", async () => {
  gateway.answer(`GET ${DEVICES}`, { body: { devices: [PIXEL, IPHONE] } });

  const run = await devices("list", "alice@example.org");

  expect(run.exitCode).toBe(0);
  const [header, pixel, iphone] = run.stdout.split("\n");
  expect(header).toMatch(/^DEVICE +PROVIDER +TOKENS +APP +NAME +REGISTERED$/);
  expect(pixel).toMatch(/^pixel +fcm +registration fZ3kq9…6789 +- +Alice's +\[31mphone +2026-11-23T06:00:00.000Z$/);
  expect(iphone).toMatch(/^iphone +apns sandbox +voip a1a1a1…a1a1, remote b2b2b2…b2b2 +org.example.phone/);
});

it("says where the gateway has corrected what the app said of its environment", async () => {
  const learned = { ...IPHONE, environment_learned_at: "2026-11-23T07:00:00.000Z" };
  gateway.answer(`GET ${DEVICES}`, { body: { devices: [learned, { ...learned, environment: "production" }] } });

  const [, sandbox, production] = (await devices("list", "alice@example.org")).stdout.split("\n");

  expect(sandbox).toMatch(/^iphone +apns sandbox \(learned\) +voip/);
  expect(production).toMatch(/^iphone +apns production \(learned\) +voip/);
});

it("says what to do where a subscriber has no phone", async () => {
  gateway.answer(`GET ${DEVICES}`, { body: { devices: [] } });

  expect((await devices("list", "alice@example.org")).stdout).toContain("devices add");
  expect(JSON.parse((await devices("list", "alice@example.org", "--json")).stdout)).toEqual({ devices: [] });
});

it("registers an iPhone with both tokens", async () => {
  gateway.answer(`PUT ${DEVICES}/iphone`, { status: 201, body: { ...IPHONE, displaced: [] } });

  const tokens = ["--voip-token", "a1a1", "--remote-token", "b2b2"];
  const more = ["--environment", "sandbox", "--app", "org.example.phone", "--name", "Alice's phone"];
  const run = await devices("add", "alice@example.org", "iphone", "--provider", "apns", ...tokens, ...more);

  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(gateway.seen[0]?.body).toEqual({
    provider: "apns",
    tokens: { voip: "a1a1", remote: "b2b2" },
    environment: "sandbox",
    app: "org.example.phone",
    name: "Alice's phone",
  });
});

it("registers an Android phone, and says from whom it took the token", async () => {
  const displaced = [{ subscriber: "bob@example.org", device: "old" }];
  gateway.answer(`PUT ${DEVICES}/pixel`, { body: { ...PIXEL, displaced } });

  const run = await devices("add", "alice@example.org", "pixel", "--provider", "fcm", "--token", "fZ3kq9");

  expect(gateway.seen[0]?.body).toEqual({ provider: "fcm", token: "fZ3kq9" });
  expect(run.stdout).toContain("Taken from bob@example.org, device old");
});

it.each([
  [["--provider", "apns", "--token", "t"], /--voip-token/],
  [["--provider", "apns"], /--voip-token/],
  [["--provider", "fcm", "--voip-token", "t"], /--token/],
  [["--provider", "gcm"], /--token/],
  [["--provider", "nokia", "--token", "t"], /apns, fcm, gcm/],
  [["--token", "t"], /--provider/],
])("asks for the tokens that the provider has: %j", async (options, hint) => {
  const run = await devices("add", "alice@example.org", "phone", ...options);

  expect(run.exitCode).toBe(2);
  expect(run.stderr).toMatch(hint);
  expect(gateway.seen).toEqual([]);
});

it("removes a phone, and reports one that was not there", async () => {
  gateway.answer(`DELETE ${DEVICES}/pixel`, { status: 204 }, problem(404, "not_found", "alice has no device pixel."));

  const removed = await devices("rm", "alice@example.org", "pixel");
  const gone = await devices("rm", "alice@example.org", "pixel");

  expect(removed).toMatchObject({ exitCode: 0, stdout: "alice@example.org has no device pixel any more.\n" });
  expect(gone).toMatchObject({ exitCode: 2, stderr: "sip-pushd: The gateway refused: alice has no device pixel.\n" });
});
