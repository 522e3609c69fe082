import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CredentialFiles,
  createCertificateChain,
  createCredentialFiles,
} from "../../test/fixtures/credential-files.ts";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { startNameServer, type NameServer } from "../../test/fixtures/name-server.ts";
import { startRedis } from "../../test/fixtures/redis-servers.ts";
import { startTimeServer } from "../../test/fixtures/time-server.ts";
import { findFreePort } from "../../test/fixtures/http-tools.ts";
import { startGateway } from "../app.ts";
import { openStores } from "../app/open-stores.ts";
import type { Finding } from "../push/finding.ts";
import type { CheckReport } from "../checks/run-checks.ts";
import { loadConfig } from "../config/load-config.ts";
import { buildAor } from "../push/address.ts";
import { createProviderTokenKey } from "../simulator/credentials.ts";
import { startSimulator, type Simulator } from "../simulator/simulator.ts";
import { writeSimulatorFiles } from "../simulator/simulator-files.ts";
import { buildCheckCommand } from "./check.ts";
import { buildAppsConfig } from "../demo/simulated-setup.ts";

const ALICE = buildAor("alice", "example.org");
const BOB = buildAor("bob", "example.org");
const ALICES_PHONE = {
  subscriber: ALICE,
  id: "phone",
  provider: "fcm",
  environment: "production",
  registeredAt: 1,
  tokens: { registration: "a-token-of-alice" },
} as const;
const NO_RULES = { uniqueDeviceIds: false, oneDevicePerSubscriber: false };
const GOOD_ZONE = `
@ IN NS ns1
@ IN NS ns2
ns1 IN A 192.0.2.1
ns2 IN A 192.0.2.2
push IN A 192.0.2.10
xmpp IN A 192.0.2.11
_xmpp-server._tcp IN SRV 10 5 5269 xmpp
_xmpp-client._tcp IN SRV 10 5 5222 xmpp
_sips._tcp IN SRV 10 5 5061 push
`;

let files: CredentialFiles;
let simulator: Simulator;
let names: NameServer;

beforeAll(async () => {
  files = createCredentialFiles();
  const chain = createCertificateChain(files);
  const leaf = chain.issue("push", { names: "DNS:push.example.org" });
  files.write("tls.pem", leaf.certificate + chain.intermediate);
  files.write("tls-alone.pem", leaf.certificate);
  files.write("root.pem", chain.root);
  simulator = await startSimulator();
  await writeSimulatorFiles(simulator, files.directory);
  files.write(
    "AuthKey_STRANGE001.p8",
    createProviderTokenKey({ keyId: "STRANGE001", teamId: "SIMTEAM001" }).key,
    0o644,
  );
  files.serviceAccount("strange.json");
  names = await startNameServer({ "example.org": GOOD_ZONE, "broken.example": "@ IN NS ns\nns IN A 192.0.2.1\n" });
});

afterAll(async () => {
  await names[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

function writeConfig(name: string, text: string): string {
  writeFileSync(files.path(name), text, { mode: 0o600 });
  return files.path(name);
}

async function check(config: string, ...args: string[]) {
  const run = await runCli(buildCheckCommand, ["--config", config, "--json", ...args]);
  const { ok, checks } = JSON.parse(run.stdout) as { ok: boolean; checks: CheckReport[] };
  const verdicts = Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict]));
  const findingsOf = (name: string): readonly Finding[] => checks.find((one) => one.name === name)?.findings ?? [];
  return { run, ok, verdicts, findingsOf };
}

/**
 * The gateway shares its event loop with the test, the simulator, the time server and the command, so its delay says
 * nothing.
 */
const PATIENT = "limits: {loop_delay_ms: 0}";

const CHECKS = ["tls", "ports", "apple", "google", "config", "dns", "time", "store", "subscribers", "push"];

describe("a right setup", () => {
  it("is all green, without a push to a real phone", async () => {
    await using clock = await startTimeServer();
    const [tlsPort, plainPort] = [await findFreePort(), await findFreePort()];
    const config = writeConfig(
      "right.yml",
      `port: ${tlsPort}
sslcertfile: tls.pem
sslcertkeyfile: push-key.pem
listen: [{host: 127.0.0.1, port: ${plainPort}}]
store: {path: right.db}
${PATIENT}
domains: [{domain: example.org}]
${buildAppsConfig(simulator)}
checklist:
  names: [{name: push.example.org, addresses: [192.0.2.10]}]
  resolvers: ['${names.address}']
  ntp_servers: ['127.0.0.1:${clock.port}']
  ca_file: root.pem
`,
    );
    const loaded = loadConfig({ file: config, env: {} }).config;
    {
      await using stores = await openStores(loaded.store, { clock: Date.now, version: "test", mayUpgrade: true });
      await stores.devices.register(ALICES_PHONE, NO_RULES);
    }
    await using _gateway = await startGateway({ config: loaded, version: "test", log: { write: () => undefined } });

    const { run, ok, verdicts, findingsOf } = await check(config);

    expect(verdicts).toEqual(Object.fromEntries(CHECKS.map((name) => [name, "ok"])));
    expect(ok).toBe(true);
    expect(run.exitCode).toBe(0);
    expect(findingsOf("push")).toMatchObject([{ what: expect.stringContaining("a made-up phone at the simulator") }]);
    expect(simulator.mailbox.deliveries().map(({ token }) => token)).not.toContain("a-token-of-alice");
  });
});

describe("a broken setup", () => {
  it("has every planted fault reported", async () => {
    await using clock = await startTimeServer({ aheadMs: 5_000 });
    await using redis = await startRedis({ appendonly: "no", "maxmemory-policy": "allkeys-lru" });
    const [tlsPort, plainPort] = [await findFreePort(), await findFreePort()];
    const text = (certificate: string) => `port: ${tlsPort}
sslcertfile: ${certificate}
sslcertkeyfile: push-key.pem
listen: [{host: 127.0.0.1, port: ${plainPort}}]
store: {kind: redis, redis: {url: '${redis.url}', command_timeout_ms: 30000}}
${PATIENT}
apns:
  http2_jwt: {ec_key: AuthKey_STRANGE001.p8, ec_key_id: STRANGE001, issuer: SIMTEAM001, topic: org.example.phone}
  endpoint: ${simulator.apns.production}
  sandbox_endpoint: ${simulator.apns.sandbox}
  ca_file: ca.crt
fcm: {service_account: strange.json, endpoint: ${simulator.fcm.origin}, token_endpoint: ${simulator.fcm.tokenEndpoint}, ca_file: ca.crt}
domains:
  - {domain: none.example, apns: {enable: no}, fcm: {enable: no}}
  - {domain: legacy.example, gcm: {key: AIzaOldServerKey}}
checklist:
  names: [{name: sip.example.org}]
  domains: [broken.example]
  resolvers: ['${names.address}']
  ntp_servers: ['127.0.0.1:${clock.port}']
`;
    const before = loadConfig({
      file: writeConfig("broken.yml", text("server.crt").replace("push-key.pem", "server.key")),
      env: {},
    }).config;
    {
      await using stores = await openStores(before.store, { clock: Date.now, version: "test", mayUpgrade: true });
      await stores.devices.register(ALICES_PHONE, NO_RULES);
      await stores.preferences.patchSubscriber(BOB, { mobile_push_enable: "always" });
      await stores.preferences.patchDomain("example.org", { mobile_push_enable: "always" });
    }
    await using _gateway = await startGateway({ config: before, version: "test", log: { write: () => undefined } });
    const config = writeConfig("broken.yml", text("tls-alone.pem"));

    const { run, ok, verdicts, findingsOf } = await check(config, "--push", ALICE, "--timeout", "5");
    const wrong = (name: string) =>
      findingsOf(name)
        .filter(({ verdict }) => verdict !== "ok")
        .map(({ what }) => what);

    expect(verdicts).toEqual({
      ...Object.fromEntries(CHECKS.map((name) => [name, "failed"])),
      ports: "ok",
      subscribers: "warning",
    });
    expect([ok, run.exitCode]).toEqual([false, 1]);
    expect(wrong("tls")).toEqual([
      expect.stringContaining("is not complete"),
      expect.stringContaining("is not for sip.example.org; it names push.example.org."),
      expect.stringContaining("another certificate is presented: localhost"),
    ]);
    expect(wrong("apple")).toEqual([
      expect.stringContaining("production (127.0.0.1:"),
      expect.stringContaining("sandbox (127.0.0.1:"),
    ]);
    expect(wrong("apple").join()).toContain("refuses the credentials: InvalidProviderToken");
    expect(wrong("google")).toEqual([
      expect.stringMatching(/^global\/fcm: Google refuses the service account push@example-project/),
      "legacy.example/gcm: a legacy server key. Google switched this protocol off in 2024: no push goes through it.",
    ]);
    expect(wrong("config")).toEqual(
      expect.arrayContaining([
        expect.stringContaining("AuthKey_STRANGE001.p8 holds a secret and is open to everyone"),
        "none.example: switched on, but no app serves it: none of its phones gets a push.",
      ]),
    );
    expect(wrong("dns")).toEqual([
      expect.stringContaining("sip.example.org (service) has no address."),
      expect.stringContaining("broken.example has one name server alone"),
      ...["_xmpp-server", "_xmpp-client", "_sips"].map((name) => `There is no SRV record ${name}._tcp.broken.example.`),
    ]);
    expect(Number(/ ([\d.]+) s off against 127\.0\.0\.1/.exec(wrong("time")[0] ?? "")?.[1])).toBeCloseTo(5, 0);
    expect(wrong("store")).toEqual([
      expect.stringContaining("maxmemory-policy allkeys-lru"),
      expect.stringContaining("keeps no append-only file"),
    ]);
    expect(wrong("subscribers")).toContain("example.org: 1 subscriber is on and has no device: bob@example.org.");
    expect(wrong("push")[0]).toMatch(/^A call push to alice@example\.org, device phone \(fcm\): /);
  });

  it("is told to mend its configuration first where that cannot be used", async () => {
    const { run, verdicts, findingsOf } = await check(writeConfig("unusable.yml", "port: many\n"));

    expect(run.exitCode).toBe(1);
    expect(verdicts).toEqual({ ...Object.fromEntries(CHECKS.map((name) => [name, "skipped"])), config: "failed" });
    expect(findingsOf("config")).toContainEqual({
      verdict: "failed",
      what: expect.stringContaining('unusable.yml:1: port: expected a port from 1 to 65535, found "many".'),
      mend: "Write e.g. port: 45060.",
    });
  });

  it("is unreadable", async () => {
    const { run, findingsOf } = await check(files.path("none.yml"), "config");

    expect(run.exitCode).toBe(1);
    expect(findingsOf("config")[0]).toMatchObject({
      verdict: "failed",
      what: expect.stringContaining("there is no file"),
    });
  });
});

describe("the output", () => {
  const config = () =>
    writeConfig(
      "time.yml",
      "listen: [{port: 8080}]\nstore: {path: time.db}\nchecklist: {ntp_servers: ['127.0.0.1:1']}\n",
    );

  it("is a table with marks, and what to do", async () => {
    const run = await runCli(buildCheckCommand, ["config", "push", "--config", config()]);

    expect(run.stdout).toBe(`✔ config  ${files.path("time.yml")} is valid.
✔         ${files.path("time.yml")} holds no secrets itself; those that it names were looked at.
–         All other domains: no app is configured.
– push    No push was sent: this configuration leads to real phones.
            → Name a test device's subscriber: sip-pushd check --push alice@example.org

2 right, 0 to look at, 0 wrong, 2 not looked at
`);
    expect(run.exitCode).toBe(0);
  });

  it("is about those checks alone that were named", async () => {
    expect(Object.keys((await check(config(), "time")).verdicts)).toEqual(["time"]);
    expect((await runCli(buildCheckCommand, ["weather", "--config", config()])).exitCode).toBe(2);
  });
});
