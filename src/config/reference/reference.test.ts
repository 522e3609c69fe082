import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Schema from "typebox/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createCredentialFiles, type CredentialFiles } from "../../../test/fixtures/credential-files.ts";
import { readFileFromDisk } from "../credentials/files.ts";
import { loadConfig } from "../load-config.ts";
import { parseConfig } from "../parse-config.ts";
import { ConfigSchema } from "../schema/config-schema.ts";
import { listEnvSettings } from "../source/environment.ts";
import { renderConfigReference } from "./config-reference.ts";
import { configJsonSchema } from "./json-schema.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples/config");

describe("the examples", () => {
  const names = readdirSync(EXAMPLES);
  let files: CredentialFiles;

  beforeAll(() => {
    files = createCredentialFiles();
    files.certificate("tls");
    files.serviceAccount("firebase.json");
    files.write("api.key", "0123456789abcdef");
  });

  afterAll(() => files[Symbol.dispose]());

  /** Returns a real file for a fictional path in an example. */
  const standIn = (path: string) => {
    if (path.endsWith(".json")) return files.path("firebase.json");
    if (/(?:proxy|ngcp)\.key$|\.password$/.test(path)) return files.path("api.key");
    return files.path(/key/i.test(path) ? "tls-key.pem" : "tls.pem");
  };

  it("are there", () => {
    const redis = ["redis-cluster.yml", "redis-sentinel.yml", "redis-single.yml"];
    expect(names.toSorted()).toEqual(["apple-google.yml", "minimal.yml", "ngcp.yml", ...redis]);
  });

  it.each(names)("%s has no problem", (name) => {
    const { warnings, config } = loadConfig({
      file: join(EXAMPLES, name),
      env: {},
      // A clone's files are open to everyone; the keys in the examples are made up.
      readFile: (path) => ({ ...readFileFromDisk(path.startsWith(EXAMPLES) ? path : standIn(path)), mode: 0o640 }),
      directoryExists: () => true,
    });

    expect(warnings).toEqual([]);
    expect(config.apps.fcm?.serviceAccount.projectId).toBe("example-project");
  });

  it.each(names)("%s has the form of the JSON Schema", (name) => {
    const document: unknown = parse(readFileSync(join(EXAMPLES, name), "utf8"));

    expect(Schema.Errors(configJsonSchema(), document)).toEqual([true, []]);
  });
});

describe("the JSON Schema", () => {
  it("names a misspelt key in its first message, and itself by an id", () => {
    const [, errors] = Schema.Errors(configJsonSchema(), parse("logg: {level: info}"));

    expect(JSON.stringify(errors[0])).toContain("logg");
    expect(configJsonSchema()).toMatchObject({ $id: "urn:sip-pushd:configuration" });
  });

  const accepts = (text: string) => Schema.Check(configJsonSchema(), parse(text));

  it.each([
    "ssl: 'yes'",
    "ssl: on",
    "ssl: true",
    "port: '45060'",
    "pushd: {port: 45060}\nother: {}",
    "apns: {certificate: '', http2_jwt: {ec_key_id: 1234567890}}",
    "listen: [{port: 1}]",
    "apns:",
    "muc: {exclude: []}",
  ])("accepts %j, as the loader does", (text) => {
    expect(accepts(text)).toBe(true);
    expect(parseConfig({ file: "f", text, env: {} }).report.problems).toEqual([]);
  });

  it.each([
    "ssl: maybe",
    "port: 65536",
    "prot: 1",
    "pushd: {prot: 1}",
    "listen: [{host: a}]",
    "listen: {port: 1}",
    "log: {level: loud}",
    "dialects: {sipwise: {paths: [push]}}",
  ])("refuses %j, as the loader does", (text) => {
    expect(accepts(text)).toBe(false);
    expect(parseConfig({ file: "f", text, env: {} }).report.hasErrors).toBe(true);
  });
});

describe("the reference", () => {
  it("has every setting that a variable can give, and each variable once", () => {
    const reference = renderConfigReference();
    const variables = listEnvSettings(ConfigSchema).map(({ variable }) => variable);

    const families = [...reference.matchAll(/`(SIP_PUSHD_\w+_)…`/g)].map(([, family = "?"]) => family);
    expect(new Set(variables).size).toBe(variables.length);
    const isShown = (variable: string) =>
      reference.includes(`\`${variable}\``) || families.some((family) => variable.startsWith(family));
    expect(variables.filter((variable) => !isShown(variable))).toEqual([]);
  });

  it("explains every key", () => {
    const rows = renderConfigReference()
      .split("\n")
      .filter((line) => line.startsWith("| `"));

    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
    expect(rows).toContain(
      "| `port` | a port from 1 to 65535 | `45060` | `SIP_PUSHD_PORT` | Port of the main listener; 0 takes any free one. |",
    );
  });

  it("links only to sections that exist", () => {
    const reference = renderConfigReference();
    const anchorOf = (title: string) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9_ -]/g, "")
        .replaceAll(" ", "-");
    const titles = [...reference.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);
    const anchors = new Set(titles.map(anchorOf));

    const links = [...reference.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor);

    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => !anchors.has(link ?? ""))).toEqual([]);
  });
});
