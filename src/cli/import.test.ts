import { existsSync, statSync, writeFileSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openStores, type Stores } from "../app/open-stores.ts";
import { loadConfig } from "../config/load-config.ts";
import { ALICE, ANDROID_TOKEN, BOB, IPHONE_TOKENS } from "../../test/fixtures/builders.ts";
import { startCli } from "../../test/fixtures/cli-process.ts";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { buildAor } from "../push/address.ts";
import { buildImportCommand } from "./import.ts";

const { remote, voip } = IPHONE_TOKENS;
const DEVICES = `
CREATE TABLE \`mobile_push_registrations\` (
  \`id\` int,
  \`reg_id\` varbinary(3072),
  \`type\` enum('apns','fcm'),
  \`subscriber_id\` int,
  \`timestamp\` timestamp,
  \`device_id\` varbinary(255),
  \`apns_type\` varchar(50)
);
INSERT INTO \`mobile_push_registrations\` VALUES
(1,'${remote}','apns',1,'2026-03-01 10:00:00','phone',''),
(2,'${voip}','apns',1,'2026-03-01 10:00:00','phone','callkit'),
(3,'${ANDROID_TOKEN}','fcm',2,'2026-03-02 10:00:00','pixel',''),
(4,'rubbish','apns',2,'2026-03-02 10:00:00','broken',''),
(5,'${"e5".repeat(32)}','apns',99,'2026-03-02 10:00:00','lost','');
`;
const PROVISIONING = `
INSERT INTO voip_domains (id, domain) VALUES (10,'example.org');
INSERT INTO voip_subscribers (id, username, domain_id) VALUES (1,'alice',10),(2,'bob',10);
INSERT INTO voip_preferences (id, attribute) VALUES (7,'mobile_push_enable'),(8,'lock'),(9,'mobile_push_expiry');
INSERT INTO voip_dom_preferences (id, domain_id, attribute_id, value) VALUES (1,10,7,'reg_then_push'),(2,10,8,'4');
INSERT INTO voip_usr_preferences (id, subscriber_id, attribute_id, value) VALUES (1,1,7,'0'),(2,1,9,'45'),(3,2,7,'maybe');
`;

let directory: string;
let config: string;
let files: string[];

function write(name: string, content: string | Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sip-pushd-import-"));
  config = write("config.yml", `listen: [{port: 8080}]\nstore: {path: ${directory}/store.db}\n`);
  files = [write("devices.sql", DEVICES), write("provisioning.sql", PROVISIONING)];
});

afterEach(() => rm(directory, { recursive: true }));

const state = () => join(directory, "import.state");

function runImport(...args: string[]) {
  return runCli(buildImportCommand, [...files, "--config", config, "--state", state(), ...args]);
}

function openStore(): Promise<Stores> {
  return openStores(loadConfig({ file: config, env: {} }).config.store, {
    clock: Date.now,
    version: "test",
    mayUpgrade: true,
  });
}

it("says what it would write, and writes nothing", async () => {
  const run = await runImport();

  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(run.stdout)
    .toBe(`Read: 5 mobile_push_registrations, 2 voip_subscribers, 1 voip_domains, 3 voip_preferences, 3 voip_usr_preferences, 2 voip_dom_preferences

Devices: 1 iPhones (1 of them with both tokens), 1 with Android
  left out: 1, the subscriber is in none of the dumps (see the tables above)
  left out: 1, reg_id is not a token (id 4)
  no app is configured for example.org (apns): 1 devices will get no push
  no app is configured for example.org (fcm): 1 devices will get no push

Preferences: 1 domains, 1 subscribers
  left out: 1, the value is none that NGCP knows (bob@example.org mobile_push_enable=maybe)

Nothing was written. To write it, add --apply.
`);
  expect(existsSync(join(directory, "store.db"))).toBe(false);
  expect(statSync(state()).mode & 0o777).toBe(0o600);
});

it("writes devices and preferences, and forgets what it has read", async () => {
  await runImport();

  const run = await runImport("--apply", "--json");
  await using stores = await openStore();

  expect(JSON.parse(run.stdout)).toMatchObject({
    applied: true,
    complete: true,
    deviceResults: { written: 2 },
    preferenceResults: { written: 2 },
  });
  expect(await stores.devices.list(ALICE)).toMatchObject([
    { id: "phone", provider: "apns", tokens: { remote, voip }, registeredAt: Date.UTC(2026, 2, 1, 10) },
  ]);
  expect(await stores.devices.list(BOB)).toMatchObject([{ id: "pixel", tokens: { registration: ANDROID_TOKEN } }]);
  expect(await stores.preferences.readDomain("example.org")).toEqual({ mobile_push_enable: "reg_then_push" });
  expect(await stores.preferences.readSubscriber(ALICE)).toEqual({
    mobile_push_enable: "never",
    mobile_push_expiry: 45,
  });
  expect(existsSync(state())).toBe(false);
});

it("writes names in lower case where the gateway reads them so", async () => {
  config = write("config.yml", `${readFileSync(config, "utf8")}subscribers: { fold_case: yes }\n`);
  files = [files[0] ?? "", write("provisioning.sql", PROVISIONING.replace("'alice'", "'Alice'"))];

  await runImport("--apply");
  await using stores = await openStore();

  expect(await stores.devices.list(ALICE)).toHaveLength(1);
  expect(await stores.preferences.readSubscriber(ALICE)).toMatchObject({ mobile_push_expiry: 45 });
});

it("changes nothing when it is done again", async () => {
  await runImport("--apply");

  const run = await runImport("--apply", "--json");

  expect(JSON.parse(run.stdout)).toMatchObject({
    deviceResults: { written: 0, unchanged: 2, newer: 0 },
    preferenceResults: { written: 0, unchanged: 2, newer: 0 },
  });
});

it("reads CSV made by a join, packed with gzip", async () => {
  const csv = `reg_id,type,username,domain,device_id,apns_type,timestamp\n${voip},apns,alice,example.org,phone,callkit,2026-03-01 10:00:00\n`;
  files = [write("devices.csv.gz", gzipSync(csv))];

  await runImport("--apply", "--environment", "sandbox");
  await using stores = await openStore();

  expect(await stores.devices.list(ALICE)).toMatchObject([{ id: "phone", tokens: { voip }, environment: "sandbox" }]);
});

it("leaves what phones and people have told the gateway since", async () => {
  const rules = { uniqueDeviceIds: false, oneDevicePerSubscriber: false };
  const since = { environment: "production", registeredAt: Date.UTC(2026, 4, 1) } as const;
  const renewed = {
    subscriber: ALICE,
    id: "phone",
    provider: "apns",
    tokens: { voip: "c3".repeat(32) },
    ...since,
  } as const;
  const carol = buildAor("carol", "example.org");
  const moved = {
    subscriber: carol,
    id: "pixel",
    provider: "fcm",
    tokens: { registration: ANDROID_TOKEN },
    ...since,
  } as const;
  {
    await using stores = await openStore();
    await stores.devices.register(renewed, rules);
    await stores.devices.register(moved, rules);
    await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: "always" });
  }

  const run = await runImport("--apply", "--json");
  await using stores = await openStore();

  expect(JSON.parse(run.stdout)).toMatchObject({ deviceResults: { written: 0, newer: 2 } });
  expect(await stores.devices.list(ALICE)).toEqual([renewed]);
  expect(await stores.devices.list(carol)).toEqual([moved]);
  expect(await stores.devices.list(BOB)).toEqual([]);
  expect(await stores.preferences.readSubscriber(ALICE)).toEqual({
    mobile_push_enable: "always",
    mobile_push_expiry: 45,
  });
});

it("replaces preferences where it is told to", async () => {
  {
    await using stores = await openStore();
    await stores.preferences.patchSubscriber(ALICE, { mobile_push_enable: "always" });
  }

  await runImport("--apply", "--replace-preferences");
  await using stores = await openStore();

  expect(await stores.preferences.readSubscriber(ALICE)).toMatchObject({ mobile_push_enable: "never" });
});

it("reads a dump anew that was written anew", async () => {
  await runImport();
  write("devices.sql", DEVICES.replace("'pixel'", "'pixel-2'"));

  await runImport("--apply");
  await using stores = await openStore();

  expect((await stores.devices.list(BOB)).map(({ id }) => id)).toEqual(["pixel-2"]);
});

it.each([
  ["a file that is not there", "none.sql", undefined, "none.sql cannot be read: ENOENT"],
  ["half a dump", "half.sql", DEVICES.slice(0, -10), "half.sql cannot be read: the dump ends in the middle of"],
  ["an empty file", "empty.sql", "", "empty.sql cannot be read: it is empty"],
])("refuses %s, and keeps none of it", async (_what, name, content, message) => {
  if (content !== undefined) write(name, content);
  files = [join(directory, name)];

  const run = await runImport("--apply");

  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(message);
  expect(existsSync(join(directory, "store.db"))).toBe(false);
});

const PHONES = 4_000;

it("goes on where it was when it was killed", async () => {
  const rows = Array.from({ length: PHONES }, (_, index) => {
    const token = index.toString(16).padStart(64, "0");
    return `${token},apns,user${index},example.org,phone,,2026-03-01 10:00:00`;
  });
  files = [write("many.csv", `reg_id,type,username,domain,device_id,apns_type,timestamp\n${rows.join("\n")}\n`)];
  const args = [...files, "--config", config, "--state", state(), "--apply", "--json"];
  await using stores = await openStore();
  const countWritten = async () => {
    const owners = rows.map((_row, index) => buildAor(`user${index}`, "example.org"));
    const lists = await Promise.all(owners.map((owner) => stores.devices.list(owner)));
    return lists.filter((list) => list.length === 1).length;
  };

  await using first = startCli(["import", ...args]);
  await expect.poll(countWritten, { timeout: 15_000, interval: 5 }).toBeGreaterThan(0);
  first.child.kill("SIGKILL");
  await first.end;
  const run = await runCli(buildImportCommand, args);
  const report = JSON.parse(run.stdout);

  expect(await countWritten()).toBe(PHONES);
  expect(report.complete).toBe(true);
  // Entries written after the last saved progress are found unchanged.
  expect(report.deviceResults.written + report.deviceResults.unchanged).toBe(PHONES);
  expect(report.devices.apns).toBe(PHONES);
});
