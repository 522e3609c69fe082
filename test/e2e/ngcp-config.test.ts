import { createPrivateKey } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const GCM_TOKEN = "gcm-token-of-alice:APA91bGcmTokenWithEnoughCharacters0123456789";

/**
 * Writes the credentials of an NGCP operator: two certificates, one with a key encrypted by `openssl pkcs12 -nocerts`,
 * and a server key.
 */
async function writeNgcpCredentials(simulator: Simulator, directory: string): Promise<void> {
  const { bundleId, apnsCertificate } = simulator.credentials;
  const encrypted = createPrivateKey(apnsCertificate.key).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "seed-procedure",
  });
  const callkit = simulator.pki.issueApnsCertificate({
    bundleId,
    topics: [{ topic: `${bundleId}.voip`, kind: "voip" }],
  });
  await writeFile(join(directory, "PushChatCert.pem"), apnsCertificate.certificate);
  await writeFile(join(directory, "PushChatKey.pem"), encrypted, { mode: 0o600 });
  await writeFile(join(directory, "PushCallkit.pem"), callkit.certificate + callkit.key, { mode: 0o600 });
}

const NGCP_APPS = ({ apns, gcm, credentials }: Simulator) => `
apns:
  enable: yes
  endpoint: ${apns.production}
  sandbox_endpoint: ${apns.sandbox}
  ca_file: ca.crt
  key_passphrase: seed-procedure
  http2_jwt: { enable: no }
  legacy:
    certificate: PushChatCert.pem
    key: PushChatKey.pem
  extra_instances:
    - { type: callkit, enable: yes, certificate: PushCallkit.pem, key: PushCallkit.pem }
gcm:
  enable: yes
  key: ${credentials.gcmKey}
  endpoint: ${gcm.endpoint}
  ca_file: ca.crt
  priority: { call: high, message: normal }
domains:
  - { domain: off.example.org, enable: no }
`;

const register = (running: RunningGateway, aor: string, id: string, device: unknown) =>
  callApi(running, "PUT", `/v1/subscribers/${encodeURIComponent(aor)}/devices/${id}`, device);

describe("the apps of an NGCP configuration", () => {
  it("calls through the callkit certificate, writes through the other one, and reaches Android by the old server key", async () => {
    await using running = await startRunningGateway({ prepare: writeNgcpCredentials, config: NGCP_APPS });
    await register(running, "alice@example.org", "iphone", { provider: "apns", tokens: IPHONE_TOKENS });
    await register(running, "alice@example.org", "pixel", { provider: "gcm", token: GCM_TOKEN });
    const { mailbox } = running.simulator;

    await callApi(running, "GET", "/push?caller=+4311&callee=alice&domain=example.org");
    await callApi(running, "POST", "/v1/pushes", { kind: "message", callee: "alice@example.org", alert: "Lunch?" });

    await expect(mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.voip)).resolves.toBeDefined();
    await expect(mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote)).resolves.toBeDefined();
    const call = await mailbox.waitFor(({ provider }) => provider === "gcm");
    expect(call.payload).toMatchObject({ to: GCM_TOKEN, priority: "high", data: { caller: "+4311" } });
  });

  it("says in plain words, at the start and in the push's record, that Google has switched server keys off", async () => {
    await using running = await startRunningGateway({
      prepare: writeNgcpCredentials,
      config: NGCP_APPS,
      simulator: { gcmRetired: true },
    });
    await register(running, "alice@example.org", "pixel", { provider: "gcm", token: GCM_TOKEN });

    const { body } = await callApi(running, "POST", "/v1/pushes", { callee: "alice@example.org" });

    await running.simulator.mailbox.waitForAttempt(({ provider }) => provider === "gcm");
    await expect
      .poll(async () => (await callApi(running, "GET", `/v1/pushes/${String(body["id"])}`)).body)
      .toMatchObject({ deliveries: [{ attempts: expect.any(Number), reason: "gcm_switched_off" }] });
  });

  it("refuses a domain that is switched off, and says by which setting", async () => {
    await using running = await startRunningGateway({ prepare: writeNgcpCredentials, config: NGCP_APPS });

    const { status, body } = await callApi(running, "GET", "/push?caller=1&callee=alice&domain=off.example.org");

    expect(status).toBe(403);
    expect(body).toMatchObject({ code: "domain_disabled", field: "domain" });
  });
});

describe("a provider token key", () => {
  it("serves calls and messages of both environments, each at its own address", async () => {
    await using running = await startRunningGateway({
      config: ({ apns, credentials: { apnsTokenKey, bundleId } }) => `
apns:
  endpoint: ${apns.production}
  sandbox_endpoint: ${apns.sandbox}
  ca_file: ca.crt
  http2_jwt:
    enable: yes
    ec_key: AuthKey_${apnsTokenKey.keyId}.p8
    ec_key_id: ${apnsTokenKey.keyId}
    issuer: ${apnsTokenKey.teamId}
    topic: ${bundleId}
`,
    });
    const sandboxToken = "c3".repeat(32);
    await register(running, "alice@example.org", "store", { provider: "apns", tokens: { voip: IPHONE_TOKENS.voip } });
    const development = { provider: "apns", tokens: { voip: sandboxToken }, environment: "sandbox" };
    await register(running, "alice@example.org", "development", development);

    await callApi(running, "POST", "/v1/pushes", { callee: "alice@example.org", caller: "+431" });

    const { mailbox } = running.simulator;
    await expect(mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.voip)).resolves.toMatchObject({
      environment: "production",
    });
    await expect(mailbox.waitFor(({ token }) => token === sandboxToken)).resolves.toMatchObject({
      environment: "sandbox",
    });
  });
});

describe("a push that no phone will get", () => {
  it("is answered with a clear code and kept, so that it can be explained", async () => {
    await using running = await startRunningGateway();

    const unknown = await callApi(running, "GET", "/push?caller=1&callee=nobody&domain=example.org");
    await callApi(running, "PATCH", "/v1/subscribers/quiet@example.org/preferences", { mobile_push_enable: "never" });
    const never = await callApi(running, "GET", "/push?caller=1&callee=quiet&domain=example.org");

    expect(unknown).toMatchObject({ status: 404, body: { code: "no_device", field: "callee" } });
    expect(never).toMatchObject({ status: 200, body: { status: "suppressed", code: "push_disabled" } });
    // Prosody sends messages for all users, and logs an error for each refusal.
    const text = "callee=nobody&domain=example.org&data_type=message&data_message=Hi";
    const message = await callApi(running, "GET", `/push?${text}`);
    expect(message).toMatchObject({ status: 200, body: { status: "suppressed", code: "no_device" } });
    const own = { callee: "nobody@example.org", kind: "message" };
    expect(await callApi(running, "POST", "/v1/pushes", own)).toMatchObject({
      status: 404,
      body: { code: "no_device" },
    });
    const kept = await callApi(running, "GET", `/v1/pushes/${String(unknown.body["push_id"])}`);
    expect(kept.body).toMatchObject({ state: "suppressed", reason: "no_device" });
    const metrics = await (await fetch(`${running.plain}/metrics`)).text();
    expect(metrics).toMatch(/sip_pushd_pushes_suppressed_total\{reason="no_device"\} 3/);
    expect(metrics).toMatch(/sip_pushd_pushes_suppressed_total\{reason="push_disabled"\} 1/);
  });

  it("forgets a phone that Apple says is gone, unless it has registered since", async () => {
    await using running = await startRunningGateway({ config: buildAppsConfig });
    const devices = "/v1/subscribers/alice%40example.org/devices";
    await register(running, "alice@example.org", "iphone", { provider: "apns", tokens: { voip: IPHONE_TOKENS.voip } });
    const gone = { status: 410, reason: "Unregistered" };

    running.simulator.script(IPHONE_TOKENS.voip, { ...gone, timestamp: Date.now() - 3_600_000, times: 1 });
    await push(running, "before");
    expect((await callApi(running, "GET", devices)).body["devices"]).toHaveLength(1);

    running.simulator.script(IPHONE_TOKENS.voip, { ...gone, timestamp: Date.now() + 1_000, times: 1 });
    await push(running, "after");
    expect((await callApi(running, "GET", devices)).body["devices"]).toEqual([]);
  });
});

async function push(running: RunningGateway, pushId: string): Promise<void> {
  const { body } = await callApi(running, "POST", "/v1/pushes", { callee: "alice@example.org", push_id: pushId });
  await waitForEnd(running, String(body["id"]));
}

async function waitForEnd(running: RunningGateway, id: string): Promise<Record<string, unknown>> {
  return expect
    .poll(async () => (await callApi(running, "GET", `/v1/pushes/${id}`)).body, { timeout: 10_000 })
    .toMatchObject({ state: expect.not.stringMatching("pending") })
    .then(async () => (await callApi(running, "GET", `/v1/pushes/${id}`)).body);
}
