import { rename, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import type { PemPair } from "../../src/simulator/certificates.ts";
import { pushIdOf } from "../faults/providers/account.ts";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const ROTATIONS = 100;
const LOOK_MS = 20;

vi.setConfig({ testTimeout: 60_000 });

let running: RunningGateway;

beforeEach(async () => {
  running = await startRunningGateway({ lookEveryMs: LOOK_MS });
  const body = { provider: "apns", tokens: IPHONE_TOKENS };
  await callApi(running, "PUT", "/v1/subscribers/alice%40example.org/devices/iphone", body);
});

afterEach(() => running[Symbol.asyncDispose]());

const path = (name: string) => join(running.directory, name);
const anAppleCertificate = () =>
  running.simulator.pki.issueApnsCertificate({ bundleId: running.simulator.credentials.bundleId });
const aServerCertificate = () => running.simulator.pki.issueServerCertificate({ names: ["localhost", "127.0.0.1"] });

/** Writes files as tools do: some overwrite the old file, others replace it. */
async function write(name: string, content: string, round = 0): Promise<void> {
  if (round % 2 === 0) return writeFile(path(name), content, { mode: 0o600 });
  await writeFile(path(`${name}.new`), content, { mode: 0o600 });
  await rename(path(`${name}.new`), path(name));
}

interface Answer {
  readonly status: number;
  readonly body: { readonly id?: string };
}

/** Uses a new connection, which checks the certificate. */
function sendPush(pushId: string): Promise<Answer> {
  const url = `${running.tls}/push?caller=1&callee=alice&domain=example.org&push_id=${pushId}`;
  return new Promise((resolve, reject) => {
    request(url, { ca: running.simulator.ca, agent: new Agent({ keepAlive: false }) }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    })
      .on("error", reject)
      .end();
  });
}

/** Sends pushes with unique ids, several concurrently, until it is stopped. */
async function sendUntil(stop: AbortSignal): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (!stop.aborted) {
    const ids = [0, 1, 2].map((number) => `load-${answers.length + number}`);
    const [first = "", ...others] = ids;
    answers.push(...(await Promise.all([sendPush(first), ...others.map(sendPlainPush)])));
  }
  return answers;
}

async function sendPlainPush(pushId: string): Promise<Answer> {
  return callApi(running, "GET", `/push?caller=1&callee=alice&domain=example.org&push_id=${pushId}`);
}

/** Counts log lines about reloads that name a file. */
const countRenewals = (name: string) =>
  running.logLines.filter(({ msg, files }) => {
    return String(msg).startsWith("credentials renewed") && Array.isArray(files) && files.includes(path(name));
  }).length;

async function readServedCertificate(): Promise<string> {
  const { hostname, port } = new URL(running.tls);
  const socket = connect({ host: hostname, port: Number(port), ca: running.simulator.ca });
  try {
    await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    return socket.getPeerX509Certificate()?.toString() ?? "";
  } finally {
    socket.destroy();
  }
}

const readAlarms = async () => {
  const metrics = await (await fetch(`${running.plain}/metrics`)).text();
  const ready = await callApi(running, "GET", "/readyz");
  return {
    series: metrics.split("\n").filter((line) => line.startsWith('sip_pushd_alarm{alarm="credential_file"')),
    checks: ready.body["checks"],
    status: ready.status,
  };
};

it(`fails no push while certificates are rotated ${ROTATIONS} times, key and certificate one after the other`, async () => {
  const done = new AbortController();
  const sending = sendUntil(done.signal);
  let served: PemPair | undefined;

  for (let round = 1; round <= ROTATIONS; round += 1) {
    served = aServerCertificate();
    const apple = anAppleCertificate();
    await write("server.crt", served.certificate, round);
    await write("apns-key.pem", apple.key, round);
    await write("server.key", served.key, round);
    await write("apns-cert.pem", apple.certificate, round);
    await vi.waitFor(
      () => expect([countRenewals("server.crt"), countRenewals("apns-cert.pem")]).toEqual([round, round]),
      { timeout: 10_000, interval: 5 },
    );
  }
  done.abort();
  const answers = await sending;

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await readServedCertificate()).toBe(served?.certificate);
  const ids = answers.map(({ body }) => String(body.id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(ROTATIONS);
  await vi.waitFor(() => expect(running.simulator.mailbox.deliveries()).toHaveLength(ids.length), { timeout: 10_000 });
  // Each of them once, at the first attempt.
  const attempts = running.simulator.mailbox.attempts();
  expect(attempts.map(pushIdOf).toSorted()).toEqual(ids.toSorted());
  // A check every 20 ms is faster than a slow machine writes two files, so a temporary mismatch raises an alarm here.
  const complaints = running.logLines.filter(
    ({ level, alarm }) => level !== "info" && level !== "debug" && alarm !== "credential_file",
  );
  expect(complaints).toEqual([]);
});

it("keeps the old certificates while the files are broken, says so in /metrics and /readyz, and takes the mended ones up", async () => {
  const before = await readServedCertificate();
  await write("server.crt", "half of a certif");
  await rm(path("apns-key.pem"));

  await vi.waitFor(async () => expect((await readAlarms()).series).toHaveLength(2), { timeout: 10_000 });

  const broken = await readAlarms();
  expect(broken.series.toSorted()).toEqual([
    'sip_pushd_alarm{alarm="credential_file",app="gateway"} 1',
    'sip_pushd_alarm{alarm="credential_file",app="global/apns"} 1',
  ]);
  expect(broken.status).toBe(200);
  expect(broken.checks).toMatchObject({
    "credential_file gateway": expect.stringMatching(/server\.crt holds no PEM; .*goes on with what it had/),
    "credential_file global/apns": expect.stringMatching(
      /there is no file .*apns-key\.pem; .*goes on with what it had/,
    ),
  });
  expect(await readServedCertificate()).toBe(before);
  const { status, body } = await sendPush("while-broken");
  expect(status).toBe(200);
  await running.simulator.mailbox.waitFor((attempt) => pushIdOf(attempt) === body.id);

  const [server, apple] = [aServerCertificate(), anAppleCertificate()];
  await write("server.crt", server.certificate);
  await write("server.key", server.key);
  await write("apns-cert.pem", apple.certificate);
  await write("apns-key.pem", apple.key);
  await vi.waitFor(async () => expect((await readAlarms()).series.filter((line) => line.endsWith(" 1"))).toEqual([]), {
    timeout: 10_000,
  });

  expect((await readAlarms()).checks).toEqual({ store: expect.stringMatching(/^ok/) });
  expect(await readServedCertificate()).toBe(server.certificate);
});

it("takes a certificate up that Apple accepts in the place of one that it refuses", async () => {
  const { pki, credentials, mailbox } = running.simulator;
  const refused = pki.issueApnsCertificate({ bundleId: credentials.bundleId, environments: ["sandbox"] });
  await write("apns-cert.pem", refused.certificate);
  await write("apns-key.pem", refused.key);
  await vi.waitFor(() => expect(countRenewals("apns-cert.pem")).toBe(1), { timeout: 10_000 });
  await sendPush("refused");
  await mailbox.waitForAttempt(({ answer }) => answer.reason === "BadCertificateEnvironment");

  const good = anAppleCertificate();
  await write("apns-cert.pem", good.certificate);
  await write("apns-key.pem", good.key);
  await vi.waitFor(() => expect(countRenewals("apns-cert.pem")).toBe(2), { timeout: 10_000 });
  const { body } = await sendPush("accepted");

  await mailbox.waitFor((attempt) => pushIdOf(attempt) === body.id);
});

it("starts although a domain's certificate has expired, keeps its pushes, and delivers them when there is a new one", async () => {
  const day = 86_400_000;
  const bundleId = "org.example.phone";
  await using tenants = await startRunningGateway({
    lookEveryMs: LOOK_MS,
    config: (simulator) =>
      `${buildAppsConfig(simulator)}domains: [{ domain: late.org, apns: { certificate: late.pem, key: late-key.pem } }]\n`,
    async prepare({ pki }, directory) {
      const expired = { notBefore: new Date(Date.now() - 9 * day), notAfter: new Date(Date.now() - day) };
      const { certificate, key } = pki.issueApnsCertificate({ bundleId, ...expired });
      await writeFile(join(directory, "late.pem"), certificate);
      await writeFile(join(directory, "late-key.pem"), key, { mode: 0o600 });
    },
  });
  const subscriber = "/v1/subscribers/bob%40late.org/devices/iphone";
  await callApi(tenants, "PUT", subscriber, { provider: "apns", tokens: IPHONE_TOKENS });
  const ready = await callApi(tenants, "GET", "/readyz");
  expect(ready.status).toBe(200);
  expect(ready.body["checks"]).toMatchObject({
    "credential_file late.org/apns": expect.stringMatching(/late\.pem expired on .*Until then its pushes wait\.$/),
  });
  const { body } = await callApi(tenants, "GET", "/push?caller=1&callee=bob&domain=late.org");
  await vi.waitFor(() =>
    expect(tenants.logLines).toContainEqual(expect.objectContaining({ reason: "credentials_unusable" })),
  );

  const renewed = tenants.simulator.pki.issueApnsCertificate({ bundleId });
  await writeFile(join(tenants.directory, "late-key.pem"), renewed.key);
  await writeFile(join(tenants.directory, "late.pem"), renewed.certificate);

  await tenants.simulator.mailbox.waitFor((attempt) => pushIdOf(attempt) === body["id"], { timeoutMs: 10_000 });
  expect((await callApi(tenants, "GET", "/readyz")).body["checks"]).toEqual({ store: expect.stringMatching(/^ok/) });
});
