import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONFIG_NOW, createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";
import { loadConfig } from "../load-config.ts";
import { printProblem } from "../problem.ts";
import { listEnvSettings } from "../source/environment.ts";
import { ConfigSchema } from "../schema/config-schema.ts";
import { annotationsOf } from "../schema/setting.ts";

const PLAIN = "listen: [{port: 1}]\n";
const P8 = "AuthKey_ABCDE12345.p8";

let fixture: ConfigFixture;
let p8: string;
let account: string;

beforeAll(() => {
  fixture = createConfigFixture();
  p8 = fixture.files.read(P8);
  account = fixture.files.read("firebase.json");
});
afterAll(() => fixture[Symbol.dispose]());

const withKey = (key: string) =>
  `${PLAIN}apns: {http2_jwt: {ec_key: ${JSON.stringify(key)}, ec_key_id: ABCDE12345, issuer: VWXYZ67890, topic: a}}\n`;
const withAccount = (value: string) => `${PLAIN}fcm: {service_account: ${JSON.stringify(value)}}\n`;
const joinLines = (text: string, separator: string) => text.trim().split("\n").join(separator);
const bodyOf = (pem: string) => pem.split("\n").slice(1, -2).join("");

/** The key in the forms that editors, panels and `.env` files make of it. */
const FORMS: readonly (readonly [string, (pem: string) => string | Uint8Array])[] = [
  ["as it is", (pem) => pem],
  ["with \\n in two characters", (pem) => joinLines(pem, "\\n")],
  ["with \\r\\n in four characters", (pem) => joinLines(pem, "\\r\\n")],
  ["with \\n and in quotes", (pem) => `"${joinLines(pem, "\\n")}\\n"`],
  ["on one line", (pem) => joinLines(pem, " ")],
  ["on one line without blanks", (pem) => joinLines(pem, "")],
  ["indented", (pem) => `    ${joinLines(pem, "\n    ")}`],
  ["with CRLF", (pem) => joinLines(pem, "\r\n")],
  ["with a byte order mark", (pem) => `\uFEFF${pem}`],
  ["in base64", (pem) => Buffer.from(pem).toString("base64")],
  ["in base64 with lines", (pem) => Buffer.from(pem).toString("base64").replaceAll(/.{64}/g, "$&\n")],
];

describe("Apple's signing key", () => {
  it.each(FORMS)("is read from a file %s", (_, form) => {
    fixture.files.write("form.p8", form(p8));

    expect(fixture.load(withKey("form.p8")).config.apps.apns?.credentials).toMatchObject({ key: p8 });
  });

  it.each(FORMS)("is read from the setting %s", (_, form) => {
    expect(fixture.load(withKey(String(form(p8)))).config.apps.apns?.credentials).toMatchObject({ key: p8 });
  });

  it("is read from UTF-16", () => {
    fixture.files.write("form.p8", Buffer.from(`\uFEFF${p8}`, "utf16le"));

    expect(fixture.load(withKey("form.p8")).config.apps.apns?.credentials).toMatchObject({ key: p8 });
  });

  it("is read from the environment", () => {
    const env = { SIP_PUSHD_APNS_HTTP2_JWT_EC_KEY: p8 };

    expect(fixture.load(withKey("none.p8"), { env }).config.apps.apns?.credentials).toMatchObject({ key: p8 });
  });
});

it("takes a certificate and its key given inline", () => {
  const pair = {
    certificate: fixture.files.read("apns.pem"),
    key: joinLines(fixture.files.read("apns-key.pem"), "\\n"),
  };
  const { config, warnings } = fixture.load(`${PLAIN}apns: ${JSON.stringify(pair)}\n`);

  expect(config.apps.apns?.credentials).toMatchObject({ kind: "certificate" });
  expect(warnings).toEqual([]);
});

describe("a service account", () => {
  const FOUND = { projectId: "example-project" };

  it.each(FORMS.filter(([name]) => /as it is|mark|base64/.test(name)))(
    "is read from a file and the setting %s",
    (_, form) => {
      fixture.files.write("form.json", form(account));

      expect(fixture.load(withAccount("form.json")).config.apps.fcm?.serviceAccount).toMatchObject(FOUND);
      expect(fixture.load(withAccount(String(form(account)))).config.apps.fcm?.serviceAccount).toMatchObject(FOUND);
    },
  );

  it("is read as a section of YAML and from the environment", () => {
    const env = { SIP_PUSHD_FCM_SERVICE_ACCOUNT: account };

    expect(fixture.load(`${PLAIN}fcm: {service_account: ${account}}`).config.apps.fcm?.serviceAccount).toMatchObject(
      FOUND,
    );
    expect(fixture.load(`${PLAIN}fcm: {enable: yes}`, { env }).config.apps.fcm?.serviceAccount).toMatchObject(FOUND);
  });

  it("may hold a key whose line breaks were escaped twice", () => {
    fixture.files.write("twice.json", account.replaceAll("\\n", "\\\\n"));

    expect(fixture.load(withAccount("twice.json")).config.apps.fcm?.serviceAccount).toMatchObject(FOUND);
  });
});

describe("what is not the wanted credential", () => {
  it.each([
    ["apns.pem", "apns.pem is a certificate, not a private key"],
    ["firebase.json", "firebase.json is a service account of Google's, not a private key"],
    ["public.pem", "public.pem is a public key, not a private key"],
    ["cut.p8", "the private key in cut.p8 is cut off or damaged"],
  ])("is named for what it is: %s as a signing key", (name, message) => {
    fixture.files.openssl("pkey", "-in", P8, "-pubout", "-out", "public.pem");
    fixture.files.write("cut.p8", p8.slice(0, 120));

    expect(fixture.problemsOf(withKey(name))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    [P8, `${P8} is a private key, and no service account`],
    ["app.json", "app.json is Google's google-services.json of the app, and no service account"],
    ["app.plist", "app.plist is the app's GoogleService-Info.plist, and no service account"],
    ["client.json", "client.json is an OAuth client of Google's, and no service account"],
    ["cut.json", "cut.json is JSON text that is cut off or damaged, and no service account"],
  ])("is named for what it is: %s as a service account", (name, message) => {
    fixture.files.write("app.json", '{"project_info": {"project_id": "a"}}');
    fixture.files.write("app.plist", "<plist><dict><key>GOOGLE_APP_ID</key></dict></plist>");
    fixture.files.write("client.json", '{"installed": {"client_secret": "hunter2"}}');
    fixture.files.write("cut.json", account.slice(0, 300));

    expect(fixture.problemsOf(withAccount(name))).toEqual([expect.stringContaining(message)]);
  });

  it("is a service account for the legacy server key", () => {
    const problems = fixture.problemsOf(`${PLAIN}gcm: {key: ${JSON.stringify(account)}}`);

    expect(problems.join()).toContain("gcm.key: is a service account, not a server key; give it in service_account");
  });
});

/** Keys with a word in them that no output may hold. */
const CANARY = "Canary7";
const PLANTED = {
  pem: `-----BEGIN PRIVATE KEY-----\n${CANARY.repeat(30)}\n-----END PRIVATE KEY-----\n`,
  "pem cut off": `-----BEGIN PRIVATE KEY-----\n${CANARY.repeat(30)}`,
  "pem on one line": `-----BEGIN EC PRIVATE KEY-----\\n${CANARY.repeat(30)}\\n-----END EC PRIVATE KEY-----`,
  account: JSON.stringify({ type: "service_account", private_key: CANARY.repeat(30) }),
  "server key": `AAAA${CANARY}:APA91b${CANARY.repeat(8)}`,
  "lines of a key": `${CANARY.repeat(8)}\n${CANARY.repeat(8)}`,
} as const;

describe.each(Object.entries(PLANTED))("%s given where something else is expected", (_, secret) => {
  const planted = listEnvSettings(ConfigSchema).filter(({ schema }) => "type" in schema && schema.type === "string");

  const text = `${PLAIN}apns: {certificate: apns.pem, key: apns-key.pem}\nfcm: {service_account: firebase.json}\n`;

  it("is not shown, whichever setting it is", () => {
    // One by one: a problem of one setting would keep others from being read.
    const shown = planted.map(({ variable }) => printedFor(text, { [variable]: secret }));

    expect(shown.filter((lines) => lines.includes(CANARY))).toEqual([]);
  });

  it("is not shown, whichever variable for a file it is", () => {
    const variables = planted
      .filter(({ schema }) => annotationsOf(schema).secret)
      .map(({ variable }) => `${variable}_FILE`);
    const shown = variables.map((variable) => printedFor(PLAIN, { [variable]: secret }));

    expect(shown.filter((lines) => lines.includes(CANARY))).toEqual([]);
    expect(shown).toContainEqual(expect.stringContaining("not the path of a file"));
  });

  it.each(["domain", "key", "unknown key", "list"])("is not shown in a list: %s", (place) => {
    const value = JSON.stringify(secret);
    const text = {
      domain: `domains: [{domain: ${value}}]`,
      key: `domains: [{domain: a.org, apns: {certificate: ${value}, key: ${value}}, fcm: {service_account: ${value}}}]`,
      "unknown key": `${value}: 1`,
      list: `trusted_proxies: [${value}]\nauth: {keys: [{name: ${value}, key_file: ${value}}]}`,
    }[place];
    const problems = fixture.problemsOf(`${PLAIN}${text}\nport: x`);

    expect(problems).not.toEqual([]);
    expect(problems.join("\n")).not.toContain(CANARY);
  });

  it("is not shown as the name of the configuration file", () => {
    expect(fixture.problemsOfFile(secret).join("\n")).not.toContain(CANARY);
  });
});

function printedFor(text: string, env: Record<string, string>): string {
  const problems = fixture.problemsOf(text, { env });
  return (problems.length > 0 ? problems : fixture.load(text, { env }).warnings).join("\n");
}

describe("a warning", () => {
  const warningsFor = (text: string) => fixture.load(text).warnings;

  it("names a topic with the team's id in front", () => {
    const own = withKey(P8).replace("topic: a", "topic: VWXYZ67890.com.example.app");

    expect(warningsFor(own)).toEqual([expect.stringContaining("write topic: com.example.app")]);
    expect(warningsFor(own.replace("issuer: VWXYZ67890", "issuer: QQQQQ67890"))).toHaveLength(1);
    expect(warningsFor(withKey(P8).replace("topic: a", "topic: com.example.app"))).toEqual([]);
  });

  it("names a key file whose name contradicts ec_key_id", () => {
    const other = withKey(P8).replace("ec_key_id: ABCDE12345", "ec_key_id: ZZZZZ12345");

    expect(warningsFor(other)).toEqual([
      expect.stringContaining("its key id is ABCDE12345, but ec_key_id is ZZZZZ12345"),
    ]);
  });

  it.each([
    ["a key given inline", () => withKey(p8)],
    ["an API key", () => `${PLAIN}auth: {keys: [{name: a, key: 0123456789abcdef}]}\n`],
  ])("names a configuration file that everybody can read: %s", (_, write) => {
    const file = fixture.files.write("open.yml", write(), 0o644);
    const content = { bytes: Buffer.from(write()), mode: 0o644 };
    const said = (isReadOnly: boolean) =>
      loadConfig({
        file,
        env: { STATE_DIRECTORY: fixture.files.directory },
        now: CONFIG_NOW,
        readFile: () => ({ ...content, isReadOnly }),
      }).warnings.map(printProblem);

    expect(said(false)).toEqual([expect.stringContaining("open.yml holds a secret and is open to everyone")]);
    expect(said(true)).toEqual([]);
  });
});

it("accepts the body of a key without its BEGIN and END lines as nothing that is shown", () => {
  const problems = fixture.problemsOf(withKey(bodyOf(p8)));

  expect(problems.join("\n")).not.toContain(bodyOf(p8).slice(0, 20));
});
