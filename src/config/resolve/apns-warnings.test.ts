import { afterAll, beforeAll, expect, it } from "vitest";
import { BUNDLE_ID, createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
  const { files } = fixture;
  const topics = [
    [BUNDLE_ID, "app"],
    [`${BUNDLE_ID}.voip`, "voip"],
  ] as const;
  files.certificate("both", { uid: BUNDLE_ID, topics, environments: ["production", "sandbox"] });
  files.certificate("production", { uid: BUNDLE_ID, topics, environments: ["production"] });
  files.certificate("sandbox", { uid: BUNDLE_ID, topics, environments: ["sandbox"] });
  files.certificate("messages", { uid: BUNDLE_ID, topics: topics.slice(0, 1) });
  files.certificate("nothing", {});
});

afterAll(() => fixture[Symbol.dispose]());

const SANDBOX = "endpoint: api.sandbox.push.apple.com";
const load = (name: string, more = "") =>
  fixture.load(
    `listen: [{port: 8080}]\napns: {certificate: ${name}.pem, key: ${name}-key.pem, topic: ${BUNDLE_ID}, ${more}}\n`,
  );

it("reads from Apple's extensions which topics and environments a certificate is for", () => {
  const { config } = load("sandbox");

  expect(config.apps.apns?.credentials).toMatchObject({
    topics: [BUNDLE_ID, `${BUNDLE_ID}.voip`],
    environments: ["sandbox"],
  });
});

it.each([
  ["production", SANDBOX, "development build (Apple's sandbox): the certificate in production.pem is for production"],
  ["production", "sandbox_endpoint: api.sandbox.push.apple.com", "development build"],
  ["sandbox", "", "App Store: the certificate in sandbox.pem is for sandbox alone; have a certificate issued for prod"],
])("warns that a %s certificate will be refused with %s", (name, more, warning) => {
  const { warnings } = load(name, more);

  expect(warnings.filter((line) => !line.includes("every push goes to"))).toEqual([
    expect.stringMatching(/^config\.yml:2: warning: apns\.certificate: Apple will refuse every push to phones with/),
  ]);
  expect(warnings.join()).toContain(warning);
});

it.each([
  ["both", SANDBOX],
  ["sandbox", SANDBOX],
  ["production", ""],
  ["sandbox", "endpoint: localhost:2197"],
  ["nothing", SANDBOX],
])("does not warn of a certificate for %s with %s", (name, more) => {
  const { warnings } = load(name, more);

  expect(warnings.filter((line) => !line.includes("every push goes to"))).toEqual([]);
});

it("warns that calls will be refused where no certificate is for them", () => {
  const { warnings } = load("messages");

  expect(warnings).toEqual([
    `config.yml:2: warning: apns.certificate: Apple will refuse calls: no certificate is for ${BUNDLE_ID}.voip, the one in messages.pem is for ${BUNDLE_ID}; name the app's VoIP Services Certificate in extra_instances (type: callkit), or use a key (http2_jwt)`,
  ]);
});

it("looks at the certificate for calls, too", () => {
  const callkit = "extra_instances: [{type: callkit, certificate: sandbox.pem, key: sandbox-key.pem}]";

  const { warnings } = load("messages", callkit);

  expect(warnings).toEqual([
    expect.stringContaining("apns.extra_instances[0].certificate: Apple will refuse every push to phones with the app"),
  ]);
});

it("reads the topics of an older VoIP certificate", () => {
  const oid = "1.2.840.113635.100.6.3.4";
  fixture.files.certificate("old", { uid: "com.other", topics: [[`${BUNDLE_ID}.voip`, "voip"]], topicsOid: oid });

  const { config } = load("old");

  expect(config.apps.apns?.credentials).toMatchObject({ topics: ["com.other", `${BUNDLE_ID}.voip`] });
});
