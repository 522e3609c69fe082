import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createConfigFixture } from "../fixtures/config-fixture.ts";
import { startCli, runCli } from "../fixtures/cli-process.ts";
import { startRunningGateway } from "../fixtures/gateway-processes.ts";

const CANARY = "CANARY";
const KEY = `-----BEGIN PRIVATE KEY-----\n${CANARY}KEY${CANARY}KEY\n-----END PRIVATE KEY-----`;

const readCase = (name: string) => readFileSync(new URL(`../field-cases/${name}`, import.meta.url), "utf8");

it("says of a damaged key given inline what it is, and not the key", async () => {
  using fixture = createConfigFixture();
  const text = readCase("private-key-inline-in-configuration.yml").replace("apns-cert.pem", "apns.pem");
  const file = fixture.files.write("config.yml", text);

  for (const command of [
    ["config", "check"],
    ["serve", "--config"],
  ]) {
    const { code, stdout, stderr } = await runCli([...command, file]);

    expect(code).toBe(78);
    expect(stderr).toContain("apns.key: the private key given inline is damaged");
    expect(stdout + stderr).not.toContain(CANARY);
  }
});

it("takes credentials from the environment, and hides a server key in a variable for a path", async () => {
  using fixture = createConfigFixture();
  const file = fixture.files.write("config.yml", "port: 34170\nssl: no\nstore: {path: t.db}\nfcm: {enable: yes}\n");
  const [, serverKey = ""] = /KEY_FILE='([^']+)'/.exec(readCase("service-account-json-in-environment.sh")) ?? [];

  const account = await runCli(["config", "check", file], {
    SIP_PUSHD_FCM_SERVICE_ACCOUNT: fixture.files.read("firebase.json"),
  });
  const hidden = await runCli(["config", "check", file], { SIP_PUSHD_FCM_KEY_FILE: serverKey });

  expect(account).toMatchObject({ code: 0, stderr: "" });
  expect(hidden).toMatchObject({
    code: 78,
    stderr: expect.stringContaining("is a server key, not the path of a file"),
  });
  expect(hidden.stdout + hidden.stderr).not.toContain(CANARY);
});

it.each([
  ["config", "check", KEY],
  ["serve", "--config", KEY],
  ["cert", "inspect", `./${KEY}`],
  ["trace", "id", "--ca", KEY],
  ["devices", "list", "a@b.c", "--config", KEY],
  [KEY],
])("hides a key among the arguments: %s %s", async (...args) => {
  const { code, stdout, stderr } = await runCli(args);

  expect(code).not.toBe(0);
  expect(stdout + stderr).not.toContain(CANARY);
});

it("keeps a key given for a domain out of the log, of /readyz and of the device lists", async () => {
  const value = JSON.stringify(KEY);
  const domains = `domains: [{domain: x.org, apns: {certificate: ${value}, key: ${value}}, fcm: {service_account: ${value}}}]\n`;
  await using running = await startRunningGateway({ config: () => domains });
  const answer = await fetch(`${running.plain}/readyz`);
  const text = await answer.text();

  expect(text).toContain("x.org/apns");
  expect(text + JSON.stringify(running.logLines)).not.toContain(CANARY);
});

it("starts with a key whose line breaks are written as \\n", async () => {
  using fixture = createConfigFixture();
  const written = fixture.files.read("AuthKey_ABCDE12345.p8").replaceAll("\n", "\\n");
  await writeFile(join(fixture.files.directory, "literal.p8"), written, { mode: 0o600 });
  const jwt = "{ ec_key: literal.p8, ec_key_id: ABCDE12345, issuer: SIMTEAM001, topic: org.example.phone }";
  const file = fixture.files.write(
    "config.yml",
    `port: 0\nssl: no\nstore: {path: t.db}\napns: { http2_jwt: ${jwt} }\n`,
  );

  await using cli = startCli(["serve", "--config", file]);
  await cli.waitFor(/listening/);
  expect(await readFile(join(fixture.files.directory, "literal.p8"), "utf8")).toBe(written);
});
