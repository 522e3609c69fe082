import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BUNDLE_ID, CONFIG_NOW } from "../../test/fixtures/config-fixture.ts";
import { createCredentialFiles, type CredentialFiles } from "../../test/fixtures/credential-files.ts";
import { loadConfig, type LoadedConfig } from "./load-config.ts";
import { ConfigError } from "./problem.ts";
import { reloadConfig } from "./reload-config.ts";

const DAY_MS = 86_400_000;
const APP = { uid: BUNDLE_ID, topics: [[`${BUNDLE_ID}.voip`, "voip"]] } as const;
const TEXT = `
sslcertfile: tls.pem
sslcertkeyfile: tls-key.pem
apns: {certificate: global.pem, key: global-key.pem}
domains:
  - {domain: a.org, apns: {certificate: a.pem, key: a-key.pem}}
  - {domain: b.org, apns: {certificate: b.pem, key: b-key.pem}}
`;

let files: CredentialFiles;
let inForce: LoadedConfig;

beforeEach(() => {
  files = createCredentialFiles();
  files.certificate("tls");
  for (const name of ["global", "a", "b"]) files.certificate(name, APP);
  inForce = load();
});

afterEach(() => files[Symbol.dispose]());

const optionsOf = (text = TEXT, now = CONFIG_NOW) => ({
  file: files.path("config.yml"),
  text,
  env: { STATE_DIRECTORY: files.directory },
  now,
});
const load = (text?: string, now?: number) => loadConfig(optionsOf(text, now));
const reload = (text?: string, now?: number) => reloadConfig(optionsOf(text, now), inForce);
const certificateOf = ({ config }: LoadedConfig, domain?: string) => {
  const apps = domain === undefined ? config.apps : config.domains.find((entry) => entry.domain === domain)?.apps;
  const credentials = apps?.apns?.credentials;
  return credentials?.kind === "certificate" ? credentials.certificate : undefined;
};
const unitsOf = ({ faults }: LoadedConfig) => faults.map(({ unit }) => unit);

describe("credentials on disk that cannot be used", () => {
  it("stay as they are in force, and what else has changed is taken", () => {
    const before = certificateOf(inForce);
    files.write("global.pem", "nonsense");
    files.certificate("a", APP);

    const reloaded = reload();

    expect(reloaded.faults).toEqual([
      {
        unit: "apns",
        app: "global/apns",
        detail: `apns.certificate: ${files.path("global.pem")} holds no PEM; name a file in PEM form, with a line BEGIN CERTIFICATE in it. Until then the gateway goes on with what it had.`,
      },
    ]);
    expect(certificateOf(reloaded)).toBe(before);
    expect(certificateOf(reloaded, "a.org")).toBe(files.read("a.pem"));
  });

  it("stay together with what belongs to them: a new certificate does not go with the old key", () => {
    const key = files.read("a-key.pem");
    files.certificate("a", APP);
    const renewed = files.read("a-key.pem");
    files.write("a-key.pem", key);

    const halfway = reload();
    files.write("a-key.pem", renewed);
    const complete = reloadConfig(optionsOf(), halfway);

    expect(unitsOf(halfway)).toEqual(["a.org/apns"]);
    expect(halfway.config).toEqual(inForce.config);
    expect(unitsOf(complete)).toEqual([]);
    expect(certificateOf(complete, "a.org")).toBe(files.read("a.pem"));
  });

  it.each(["tls.pem", "tls-key.pem", "global-key.pem", "b.pem"])("stay although %s is gone", (name) => {
    rmSync(files.path(name));

    const reloaded = reload();

    expect(reloaded.config).toEqual(inForce.config);
    expect(reloaded.faults[0]?.detail).toContain(`there is no file ${files.path(name)}`);
  });

  it("stay also when the file is read for the second time", () => {
    files.write("global.pem", "nonsense");
    inForce = reload();

    const again = reload();

    expect(again.config).toEqual(inForce.config);
    expect(unitsOf(again)).toEqual(["apns"]);
  });

  it("are not replaced by a certificate that has expired", () => {
    files.certificate("global", { ...APP, notAfter: "20260101000000Z" });

    const reloaded = reload();

    expect(reloaded.config).toEqual(inForce.config);
    expect(reloaded.faults[0]?.detail).toContain("expired on 2026-01-01");
  });
});

it("does not hold up other changes because a certificate in force has expired meanwhile", () => {
  files.certificate("global", { ...APP, notAfter: "20261203120000Z" });
  inForce = load();
  files.certificate("tls");

  const reloaded = reload(TEXT, CONFIG_NOW + 11 * DAY_MS);

  expect(unitsOf(reloaded)).toEqual([]);
  expect(reloaded.config.listeners[0]?.tls?.certificate).toBe(files.read("tls.pem"));
  expect(certificateOf(reloaded)).toBe(certificateOf(inForce));
});

it("refuses a changed setting with credentials that cannot be used", () => {
  expect(() => reload(TEXT.replace("global.pem", "new.pem"))).toThrow(/apns\.certificate: there is no file .*new\.pem/);
  expect(() => reload(TEXT.replace("a.pem", "new.pem"))).toThrow(ConfigError);
  expect(() => reload("port: nonsense")).toThrow(ConfigError);
});

describe("a domain's credentials that cannot be used at the start", () => {
  beforeEach(() => {
    files.certificate("a", { ...APP, notAfter: "20260101000000Z" });
  });

  it("put its app out of order, and are a warning", () => {
    const loaded = load();

    expect(loaded.config.domains[0]).toEqual({ domain: "a.org", enabled: true, apps: {}, outOfOrder: ["apns"] });
    expect(certificateOf(loaded, "b.org")).toBeDefined();
    expect(loaded.warnings.map(({ key, message }) => [key, message])).toEqual([
      [
        "domains[0].apns.certificate",
        `the certificate in ${files.path("a.pem")} expired on 2026-01-01; until that is mended its pushes wait`,
      ],
    ]);
    expect(loaded.faults).toMatchObject([{ unit: "a.org/apns", app: "a.org/apns" }]);
  });

  it("stay out of order until they are mended", () => {
    inForce = load();

    const still = reload();
    files.certificate("a", APP);
    const mended = reloadConfig(optionsOf(), still);

    expect(still.config).toEqual(inForce.config);
    expect(unitsOf(still)).toEqual(["a.org/apns"]);
    expect(certificateOf(mended, "a.org")).toBe(files.read("a.pem"));
    expect(mended.faults).toEqual([]);
  });

  it("are those of the global app where that is meant to start, and refuse it", () => {
    files.certificate("global", { ...APP, notAfter: "20260101000000Z" });

    expect(() => load()).toThrow(/apns\.certificate: the certificate in .* expired on 2026-01-01; renew it/);
  });
});

it("puts a domain's apps for Google out of order together", () => {
  const text = "listen: [{port: 1}]\ndomains: [{domain: a.org, fcm: {service_account: none.json}, gcm: {key: k}}]\n";

  expect(load(text).config.domains[0]).toMatchObject({ apps: {}, outOfOrder: ["fcm", "gcm"] });
});
