import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLE_ID, createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";
import type { ApnsAppConfig, Config } from "../config.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
});

afterAll(() => fixture[Symbol.dispose]());

const PLAIN = "listen: [{port: 8080}]\n";
const JWT =
  "http2_jwt: {ec_key: AuthKey_ABCDE12345.p8, ec_key_id: ABCDE12345, issuer: VWXYZ67890, topic: com.example.app}";

function apnsOf({ config }: { config: Config }): ApnsAppConfig {
  if (!config.apps.apns) throw new Error("no APNs app");
  return config.apps.apns;
}

describe("Apple", () => {
  it("takes a key", () => {
    const apns = apnsOf(fixture.load(`${PLAIN}apns: {${JWT}, legacy: {certificate: unused.pem}}`));

    expect(apns).toMatchObject({
      topic: BUNDLE_ID,
      credentials: { kind: "token", keyId: "ABCDE12345", teamId: "VWXYZ67890" },
    });
    expect(apns.credentials.key).toContain("-----BEGIN PRIVATE KEY-----");
  });

  it.each([
    ["", "api.push.apple.com:443", "api.sandbox.push.apple.com:443"],
    ["endpoint_port: 2197", "api.push.apple.com:2197", "api.sandbox.push.apple.com:2197"],
    ["endpoint_port: 0", "api.push.apple.com:443", "api.sandbox.push.apple.com:443"],
    [
      "endpoint: api.development.push.apple.com",
      "api.development.push.apple.com:443",
      "api.development.push.apple.com:443",
    ],
    ["endpoint: gateway.sandbox.push.apple.com", "api.sandbox.push.apple.com:443", "api.sandbox.push.apple.com:443"],
    ["endpoint: 'https://127.0.0.1:2197'", "127.0.0.1:2197", "127.0.0.1:2197"],
    ["endpoint: '[::1]:1', sandbox_endpoint: localhost:2", "[::1]:1", "localhost:2"],
    ["sandbox_endpoint: localhost:2", "api.push.apple.com:443", "localhost:2"],
  ])("%s leads to %s, for the sandbox to %s", (endpoint, production, sandbox) => {
    expect(apnsOf(fixture.load(`${PLAIN}apns: {${JWT}, ${endpoint}}`)).origins).toEqual({
      production: `https://${production}`,
      sandbox: `https://${sandbox}`,
    });
  });

  it("says that a sandbox host gets every push", () => {
    const { warnings } = fixture.load(`${PLAIN}apns:\n  ${JWT}\n  endpoint: api.sandbox.push.apple.com\n`);

    expect(warnings).toEqual([
      expect.stringMatching(/^config\.yml:4: warning: apns\.endpoint: every push goes to Apple's sandbox/),
    ]);
  });

  it("lets a domain share the team's key and the endpoint for another app", () => {
    const { config } = fixture.load(
      `${PLAIN}apns: {${JWT}, endpoint: localhost:2}\ndomains: [{domain: a.org, apns: {topic: org.a}}]\n`,
    );

    expect(config.domains[0]?.apps.apns).toEqual({ ...config.apps.apns, topic: "org.a" });
  });

  it.each([
    ["{}", "apns.certificate: is missing: apns is on, but there is neither a certificate nor a key (http2_jwt)"],
    [
      "{http2_jwt: {ec_key: AuthKey_ABCDE12345.p8, issuer: VWXYZ67890, topic: a}}",
      "apns.http2_jwt.ec_key_id: is missing; write ec_key_id: ABCDE12345, as in the file's name",
    ],
    [
      "{http2_jwt: {ec_key: AuthKey_ABCDE12345.p8, ec_key_id: 123, issuer: VWXYZ67890, topic: a}}",
      'apns.http2_jwt.ec_key_id: expected 10 letters and digits, found "123"',
    ],
    [
      "{http2_jwt: {ec_key: AuthKey_ABCDE12345.p8, ec_key_id: ABCDE12345, issuer: VWXYZ67890}}",
      "apns.http2_jwt.topic: is missing",
    ],
    ["{certificate: tls.pem, key: tls-key.pem}", "apns.topic: is missing, and the certificate in tls.pem names no app"],
    [
      `{${JWT}, endpoint: 'http://a'}`,
      'apns.endpoint: expected a host, host:port or an https URL without a path, found "http://a"',
    ],
    [
      "{certificate: apns.pem, key: apns-key.pem, extra_instances: [{type: callkit}]}",
      "apns.extra_instances[0].certificate: is missing",
    ],
    [
      "{certificate: apns.pem, key: apns-key.pem, extra_instances: [{type: voip}]}",
      'apns.extra_instances[0].type: expected one of callkit, found "voip"',
    ],
  ])("%s is a problem", (section, problem) => {
    expect(fixture.problemsOf(`${PLAIN}apns: ${section}\n`)).toEqual([
      expect.stringContaining(`config.yml:2: ${problem}`),
    ]);
  });

  it("warns of a topic and of a VoIP certificate that are another app's", () => {
    fixture.files.certificate("other", { uid: "com.other.voip" });

    const { warnings } = fixture.load(
      `${PLAIN}apns: {certificate: apns.pem, key: apns-key.pem, topic: com.x, extra_instances: [{type: callkit, certificate: other.pem, key: other-key.pem}]}`,
    );

    expect(warnings).toEqual([
      expect.stringContaining(
        "apns.topic: Apple will refuse com.x: the certificate in apns.pem is for com.example.app",
      ),
      expect.stringContaining("other.pem is for com.other, but the app is com.x"),
    ]);
  });
});

describe("Google", () => {
  it("is reached with a service account under each of its three names", () => {
    for (const name of ["fcm", "gcm", "android"]) {
      const { config, warnings } = fixture.load(
        `${PLAIN}${name}: {service_account: firebase.json, priority: {message: high}}`,
      );

      expect(warnings).toEqual([]);
      expect(config.apps).toMatchObject({
        fcm: {
          serviceAccount: { projectId: "example-project", clientEmail: "push@example-project.iam.gserviceaccount.com" },
          origin: "https://fcm.googleapis.com",
          tokenEndpoint: "https://oauth2.googleapis.com/token",
          priority: { message: "high" },
        },
      });
    }
  });

  it("has the payload profile of its section, or else the global one", () => {
    const { config } = fixture.load(
      `${PLAIN}apns: {${JWT}, payload_profile: linphone}
fcm: {service_account: firebase.json}
gcm: {key: k, endpoint: 'https://localhost:1/', payload_profile: linphone}
domains:
- {domain: a.org, apns: {topic: org.a}, fcm: {service_account: firebase.json, payload_profile: standard}}
- {domain: b.org, apns: {topic: org.b, payload_profile: standard}}
`,
    );

    const profiles = [config.apps, ...config.domains.map(({ apps }) => apps)].map(({ apns, fcm }) => [
      apns?.payloadProfile,
      fcm?.payloadProfile,
    ]);
    expect(profiles).toEqual([
      ["linphone", "linphone"],
      ["linphone", "standard"],
      ["standard", undefined],
    ]);
  });

  it("is warned of with a legacy key, unless that goes to another server", () => {
    expect(fixture.load(`${PLAIN}fcm: {key: k}`).warnings).toEqual([expect.stringContaining("fcm.service_account")]);

    const { config, warnings } = fixture.load(
      `${PLAIN}gcm: {key: k, endpoint: 'https://localhost:1/gcm/send', ca_file: tls.pem}`,
    );

    expect(warnings).toEqual([]);
    expect(config.apps.gcm).toMatchObject({
      endpoint: "https://localhost:1/gcm/send",
      ca: fixture.files.read("tls.pem"),
    });
  });

  it.each([
    ["fcm: {}", "fcm.service_account: is missing: fcm is on, but has no credentials"],
    ["fcm: {service_account: none.json}", "fcm.service_account: there is no file none.json"],
    ["fcm: {service_account: tls.pem}", "fcm.service_account: tls.pem is a certificate, and no service account"],
    ["fcm: {service_account: a.json}", 'fcm.service_account: a.json has no "client_email", "private_key"'],
    [
      "fcm: {service_account: b.json}",
      "fcm.service_account: b.json is a user's login of gcloud, and no service account",
    ],
    [
      "fcm: {service_account: c.json}",
      "fcm.service_account: c.json is Google's google-services.json of the app, and no service account",
    ],
    ["fcm: {service_account: d.json}", 'fcm.service_account: the "private_key" in d.json is no RSA key in PEM form'],
    ["fcm: {service_account: firebase.json, endpoint: 'http://a.org'}", "fcm.endpoint: expected an https URL"],
    ["fcm: {service_account: firebase.json, endpoint: 'http://localhost:1'}", "fcm.endpoint: expected an https URL"],
    [
      "fcm: {service_account: firebase.json, token_endpoint: 'http://[::1]:1/t'}",
      "fcm.token_endpoint: expected an https",
    ],
    ["gcm: {key: k, endpoint: 'http://127.0.0.1:1/'}", "gcm.endpoint: expected an https URL"],
    [
      "fcm: {service_account: firebase.json, endpoint: 'https://a.org/v1'}",
      "fcm.endpoint: expected an origin without a path",
    ],
    ["fcm: {service_account: firebase.json, token_endpoint: nowhere}", "fcm.token_endpoint: expected an https URL"],
    ["fcm: {key: a}\ngcm: {key: b}", "gcm.key: differs from fcm.key, and the two sections are one"],
  ])("%s is a problem", (section, problem) => {
    fixture.files.serviceAccount("a.json", { client_email: "", private_key: undefined });
    fixture.files.serviceAccount("b.json", { type: "authorized_user" });
    fixture.files.serviceAccount("c.json", { type: undefined, project_info: {} });
    fixture.files.serviceAccount("d.json", { private_key: "hunter2" });

    const problems = fixture.problemsOf(`${PLAIN}${section}`).filter((line) => !line.includes("warning"));

    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems.join()).not.toContain("hunter2");
  });
});
