import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCredentialFiles, type CredentialFiles } from "../../test/fixtures/credential-files.ts";
import { createVirtualTime, type VirtualTime } from "../../test/fixtures/clocks.ts";
import type { Config } from "../config/config.ts";
import type { CredentialFault } from "../config/credentials/file-record.ts";
import { loadConfig } from "../config/load-config.ts";
import { createSimulatorPki, type PemPair } from "../simulator/certificates.ts";
import { LiveConfig, type ConfigFollower } from "./live-config.ts";

const LOOK_MS = 5_000;
const TEXT = `
sslcertfile: tls.pem
sslcertkeyfile: tls-key.pem
apns: {certificate: apns.pem, key: apns-key.pem}
`;

const pki = createSimulatorPki();
const aServer = () => pki.issueServerCertificate({ names: ["localhost"] });
const anApp = (topics?: readonly []) =>
  pki.issueApnsCertificate({ bundleId: "org.example.phone", ...(topics === undefined ? {} : { topics }) });

let files: CredentialFiles;
let time: VirtualTime;
let live: LiveConfig;
/** Calls of the follower, in order. */
let told: string[];
let config: Config;
let faults: readonly CredentialFault[];

beforeEach(() => {
  files = createCredentialFiles();
  time = createVirtualTime(Date.now());
  told = [];
  write("tls", aServer());
  write("apns", anApp());
  files.write("config.yml", TEXT);
});

afterEach(async () => {
  await live[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

function write(name: string, { certificate, key }: PemPair): void {
  files.write(`${name}.pem`, certificate);
  files.write(`${name}-key.pem`, key);
}

const nameOf = (path: string) => path.slice(files.directory.length + 1);
const follower: ConfigFollower = {
  reload(next) {
    config = next;
    told.push("reloaded");
  },
  refuseReload: (why) => void told.push(`refused: ${why.replaceAll(`${files.directory}/`, "")}`),
  renewCredentials(next, changed, warnings) {
    config = next;
    told.push([`renewed ${changed.map(nameOf).join(" ")}`, ...warnings].join("; "));
  },
  noteCredentialFaults(next) {
    faults = next;
    told.push(`faulty: ${next.map(({ unit }) => unit).join(" ")}`);
  },
  noteUnexpected: (what, error) => void told.push(`unexpected: ${what} ${String(error)}`),
};

function start(): void {
  const options = { file: files.path("config.yml"), env: { STATE_DIRECTORY: files.directory } };
  const loaded = loadConfig({ ...options, now: time.clock() });
  ({ config, faults } = loaded);
  live = new LiveConfig({ options, loaded, follower, ...time, lookEveryMs: LOOK_MS });
}

/** Waits for the end of the next check. The files are really read, which takes some time. */
async function look(): Promise<void> {
  await time.advance(LOOK_MS);
  while (time.sleepers === 0) await time.settle();
}

async function lookTimes(count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) await look();
}

const listenerCertificate = () => config.listeners[0]?.tls?.certificate;

describe("files that change", () => {
  it("are taken up at the next look, and named", async () => {
    start();
    await lookTimes(2);
    write("tls", aServer());

    await look();

    expect(told).toEqual(["renewed tls.pem tls-key.pem"]);
    expect(listenerCertificate()).toBe(files.read("tls.pem"));
  });

  it("are seen although they changed before the first look", async () => {
    start();
    write("tls", aServer());

    await look();

    expect(told).toEqual(["renewed tls.pem tls-key.pem"]);
  });

  it("are seen where a link leads elsewhere, as Kubernetes mounts its secrets", async () => {
    for (const name of ["first", "second"]) mkdirSync(files.path(name));
    write("first/tls", aServer());
    write("second/tls", aServer());
    for (const name of ["tls.pem", "tls-key.pem"]) {
      rmSync(files.path(name));
      symlinkSync(`data/${name}`, files.path(name));
    }
    symlinkSync("first", files.path("data"));
    start();
    await lookTimes(2);
    symlinkSync("second", files.path("data-new"));

    renameSync(files.path("data-new"), files.path("data"));
    await look();

    expect(told).toEqual(["renewed tls.pem tls-key.pem"]);
    expect(listenerCertificate()).toBe(files.read("second/tls.pem"));
  });

  it("are not taken up again because somebody has touched them, or wrote the same", async () => {
    start();
    await lookTimes(2);
    for (const name of ["tls.pem", "apns-key.pem"]) files.write(name, files.read(name));

    await lookTimes(2);

    expect(told).toEqual([]);
  });

  it("bring their warnings with them", async () => {
    start();
    write("apns", anApp([]));

    await look();

    expect(told).toEqual([expect.stringMatching(/^renewed apns\.pem apns-key\.pem; .*Apple will refuse calls: /)]);
  });

  it("do not bring the settings with them that somebody is writing", async () => {
    start();
    files.write("config.yml", "port: nonsense");
    write("tls", aServer());

    await look();

    expect(told).toEqual(["renewed tls.pem tls-key.pem"]);
  });
});

describe("files that cannot be used", () => {
  it("are no fault where the certificate came before its key", async () => {
    start();
    const { certificate, key } = aServer();
    files.write("tls.pem", certificate);
    await look();
    expect(told).toEqual([]);

    files.write("tls-key.pem", key);
    await lookTimes(3);

    expect(told).toEqual(["renewed tls.pem tls-key.pem"]);
    expect(listenerCertificate()).toBe(certificate);
  });

  it("are a fault from the second look on, until they are mended", async () => {
    start();
    const before = files.read("apns.pem");
    files.write("apns.pem", "nonsense");

    await look();
    expect(told).toEqual([]);
    await lookTimes(3);
    expect(told).toEqual(["faulty: apns"]);
    expect(faults).toMatchObject([
      { app: "global/apns", detail: expect.stringMatching(/goes on with what it had\.$/) },
    ]);
    expect(config.apps.apns?.credentials).toMatchObject({ certificate: before });

    files.write("apns.pem", before);
    await look();
    expect(told).toEqual(["faulty: apns", "faulty: "]);
  });

  it("do not hold up others", async () => {
    start();
    files.write("apns-key.pem", "nonsense");
    await lookTimes(2);

    write("tls", aServer());
    await look();

    expect(told).toEqual(["faulty: apns", "renewed tls.pem tls-key.pem"]);
  });

  it("are tried again when only time has passed", async () => {
    start();
    const tomorrow = new Date(time.clock() + 86_400_000);
    write("tls", pki.issueServerCertificate({ names: ["localhost"], notBefore: tomorrow }));
    await lookTimes(2);
    expect(told).toEqual(["faulty: listener"]);

    await time.advance(86_400_000 - 10 * LOOK_MS);
    await lookTimes(30);

    expect(told).toEqual(["faulty: listener", "renewed tls.pem tls-key.pem", "faulty: "]);
  });
});

describe("when everything is to be read again", () => {
  it("takes the settings up, and knows their files from then on", async () => {
    start();
    write("new", aServer());
    files.write("config.yml", TEXT.replace("tls.pem", "new.pem").replace("tls-key.pem", "new-key.pem"));

    live.reread();
    expect(listenerCertificate()).toBe(files.read("new.pem"));
    await lookTimes(2);
    write("new", aServer());
    await look();

    expect(told).toEqual(["reloaded", "renewed new.pem new-key.pem"]);
  });

  it("keeps the old ones where they are broken, and takes changed files up with those", async () => {
    start();
    files.write("config.yml", "port: nonsense");

    live.reread();
    write("tls", aServer());
    await look();

    expect(told).toEqual([expect.stringMatching(/^refused: config\.yml:1: port:/), "renewed tls.pem tls-key.pem"]);
  });

  it("says at once which credentials cannot be used, and takes the rest", () => {
    start();
    files.write("apns.pem", "nonsense");
    files.write("config.yml", `${TEXT}domains: [{domain: a.org, enable: no}]\n`);

    live.reread();

    expect(told).toEqual(["reloaded", "faulty: apns"]);
    expect(config.domains).toHaveLength(1);
  });

  it("refuses to switch the gateway off", () => {
    start();
    files.write("config.yml", "enable: no");

    live.reread();

    expect(told).toEqual([expect.stringMatching(/^refused: .*stop the gateway instead/)]);
  });

  it("does not lose what it reads to a look that is under way", async () => {
    start();
    write("tls", aServer());
    // The check has begun and waits for the disk.
    await time.advance(LOOK_MS);
    files.write("config.yml", `${TEXT}domains: [{domain: a.org, enable: no}]\n`);

    live.reread();
    await lookTimes(2);

    expect(config.domains).toHaveLength(1);
    expect(listenerCertificate()).toBe(files.read("tls.pem"));
  });
});
