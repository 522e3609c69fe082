import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { startCli, type CliProcess } from "../fixtures/cli-process.ts";
import { callApi, startReleasedCli, startRunningGateway } from "../fixtures/gateway-processes.ts";

const PATIENT = { timeoutMs: 15_000 };
const ALICE = "/v1/subscribers/alice%40example.org";
const PREFERENCES = { mobile_push_enable: "always", mobile_push_silent_list: ["noisy@example.org"] };

const readAddress = async (gateway: CliProcess) => {
  const [, plain = ""] = await gateway.waitFor(/"listen":"(http:[^"]+)"/);
  return { plain };
};

it(
  "a gateway finds all that release 0.1.0 had in its file, delivers what waits, and leaves the way back open",
  { timeout: 90_000 },
  async () => {
    // Used only for its simulator and its directory.
    await using stage = await startRunningGateway();
    const { simulator, directory } = stage;
    const file = join(directory, "file.yml");
    const store = `store: { path: ${join(directory, "upgraded.db")} }`;
    await writeFile(file, `listen: [{ host: 127.0.0.1, port: 0 }]\n${buildAppsConfig(simulator)}\n${store}\n`);

    await using old = startReleasedCli("0.1.0", ["serve", "--config", file]);
    const before = await readAddress(old);
    await callApi(before, "PUT", `${ALICE}/devices/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
    await callApi(before, "PUT", `${ALICE}/devices/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
    await callApi(before, "PATCH", `${ALICE}/preferences`, PREFERENCES);
    const { body: devices } = await callApi(before, "GET", `${ALICE}/devices`);
    // Neither answer ever comes, so both pushes are in flight when the gateway is killed.
    for (const token of [...Object.values(IPHONE_TOKENS), ANDROID_TOKEN]) {
      simulator.script(token, { transport: "silent", times: 1 });
    }
    const call = { kind: "call", callee: "alice@example.org", call_id: "one@example.org" };
    const message = { kind: "message", callee: "alice@example.org", alert: "Lunch?", push_id: "a message" };
    const ringing = String((await callApi(before, "POST", "/v1/pushes", call)).body["id"]);
    await simulator.mailbox.waitForAttempt(({ token }) => token === IPHONE_TOKENS.voip, PATIENT);
    await simulator.mailbox.waitForAttempt(({ token }) => token === ANDROID_TOKEN, PATIENT);
    const written = String((await callApi(before, "POST", "/v1/pushes", message)).body["id"]);
    await simulator.mailbox.waitForAttempt(({ token }) => token === IPHONE_TOKENS.remote, PATIENT);
    old.child.kill("SIGKILL");
    await old.end;

    await using gateway = startCli(["serve", "--config", file]);
    const after = await readAddress(gateway);
    expect((await callApi(after, "GET", `${ALICE}/devices`)).body).toEqual(devices);
    expect((await callApi(after, "GET", `${ALICE}/preferences`)).body).toMatchObject({ own: PREFERENCES });
    expect((await callApi(after, "GET", "/v1/calls/one%40example.org")).body).toMatchObject({
      calls: [{ state: "ringing", push_ids: [ringing] }],
    });
    expect((await callApi(after, "POST", "/v1/pushes", message)).body).toMatchObject({ id: written });
    for (const id of [ringing, written]) {
      await expect
        .poll(async () => (await callApi(after, "GET", `/v1/pushes/${id}`)).body, { timeout: 20_000 })
        .toMatchObject({ id, state: "delivered" });
    }
    expect((await callApi(after, "POST", "/v1/calls/one%40example.org/events", { event: "cancel" })).status).toBe(200);
    const late = String((await callApi(after, "POST", "/v1/pushes", { ...message, push_id: "another" })).body["id"]);
    await expect
      .poll(async () => (await callApi(after, "GET", `/v1/pushes/${late}`)).body, { timeout: 10_000 })
      .toMatchObject({ state: "delivered" });
    gateway.child.kill("SIGTERM");
    await gateway.end;

    await using again = startReleasedCli("0.1.0", ["serve", "--config", file]);
    const back = await readAddress(again);
    expect((await callApi(back, "GET", `${ALICE}/devices`)).body).toEqual(devices);
    expect((await callApi(back, "GET", `/v1/pushes/${late}`)).body).toMatchObject({ state: "delivered" });
    const { id } = (await callApi(back, "POST", "/v1/pushes", { ...call, call_id: "two@example.org" })).body;
    await expect
      .poll(async () => (await callApi(back, "GET", `/v1/pushes/${String(id)}`)).body, { timeout: 10_000 })
      .toMatchObject({ state: "delivered" });
  },
);
