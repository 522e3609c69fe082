import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
  fixture.files.write("sign-up.secret", `${"s".repeat(32)}\n`);
  fixture.files.write("password.txt", "secret words\n");
  fixture.files.write("short.txt", "short\n");
});

afterAll(() => fixture[Symbol.dispose]());

const NGCP =
  "url: 'https://ngcp.example.org:1443', user: admin, password_file: password.txt, reseller_id: 1, billing_profile_id: 5";
const SMTP = "smtp: {host: mail.example.org, from: phone@example.org}";
const SMS = "verify: phone, sms: {url: 'https://sms.example.net/send'}";
const BASE = "domain: Example.org, secret_file: sign-up.secret";
const LAUNCHER = "key: 0123456789abcdef, url: 'https://push.example.org/p'";

function text(signUp: string, launcher = LAUNCHER): string {
  return `listen: [{port: 8080}]\nlauncher: {${launcher}, sign_up: {${signUp}}}\n`;
}

function load(signUp: string) {
  return fixture.load(text(signUp)).config.launcher?.signUp;
}

it("is off unless its section is there, and on", () => {
  expect(fixture.load(`listen: [{port: 8080}]\nlauncher: {${LAUNCHER}}`).config.launcher?.signUp).toBeUndefined();
  expect(load(`${BASE}, enable: no, ngcp: {${NGCP}}, ${SMTP}`)).toBeUndefined();
});

it("verifies an e-mail address, by a mail server with STARTTLS", () => {
  expect(load(`${BASE}, ngcp: {${NGCP}}, ${SMTP}`)).toEqual({
    path: "/signup",
    domain: "example.org",
    verify: "email",
    secret: "s".repeat(32),
    signUpsPerHour: 10,
    codesPerHour: 200,
    ngcp: {
      url: "https://ngcp.example.org:1443",
      login: { user: "admin", password: "secret words" },
      tls: {},
      resellerId: 1,
      billingProfileId: 5,
      customerType: "sipaccount",
    },
    channel: {
      kind: "smtp",
      host: "mail.example.org",
      port: 587,
      implicitTls: false,
      plain: false,
      from: "phone@example.org",
    },
  });
});

it("comes to NGCP with a certificate, and trusts the one that it is told to", () => {
  const ngcp =
    "url: 'https://ngcp.example.org:1443/', certificate: apns.pem, key: apns-key.pem, ca_file: tls.pem, reseller_id: 1, billing_profile_id: 5, profile_set_id: 3";
  const signUp = load(`${BASE}, ngcp: {${ngcp}}, ${SMTP}`);

  expect(signUp?.ngcp).toMatchObject({
    profileSetId: 3,
    tls: { certificate: expect.any(String), key: expect.any(String), ca: expect.any(String) },
  });
  expect(signUp?.ngcp).not.toHaveProperty("login");
});

it("verifies a phone by an HTTP gateway", () => {
  expect(load(`${BASE}, ngcp: {${NGCP}}, ${SMS}, country_code: '43', allowed_countries: [AT, DE]`)).toMatchObject({
    verify: "phone",
    countryCode: "43",
    allowedCountries: ["AT", "DE"],
    channel: { kind: "sms", method: "POST", contentType: "application/json", body: '{"to":"{to}","text":"{text}"}' },
  });
});

describe("refuses", () => {
  const whole = (change: string) => `${BASE}, ngcp: {${NGCP}}, ${SMTP}, ${change}`;

  it.each([
    [`domain: 'a b', secret_file: sign-up.secret, ngcp: {${NGCP}}, ${SMTP}`, "sign_up.domain: expected a domain name"],
    [
      `domain: a.example, ngcp: {${NGCP}}, ${SMTP}`,
      "sign_up.secret: is missing; write secret: or secret_file:; make one: openssl rand",
    ],
    [
      `domain: a.example, secret_file: short.txt, ngcp: {${NGCP}}, ${SMTP}`,
      "sign_up.secret_file: has 5 characters, and 32 are the least",
    ],
    [`${BASE}, ${SMTP}`, "sign_up.ngcp.url: is missing"],
    [`${BASE}, ngcp: {${NGCP}}`, "sign_up.smtp: is missing, and verify: email needs it"],
    [`${BASE}, ngcp: {${NGCP}}, ${SMTP}, verify: phone`, "sign_up.sms: is missing, and verify: phone needs it"],
    [
      `${BASE}, ngcp: {${NGCP.replace("https:", "http:")}}, ${SMTP}`,
      "sign_up.ngcp.url: expected an https URL without a path",
    ],
    [
      `${BASE}, ngcp: {${NGCP.replace("1443", "1443/api")}}, ${SMTP}`,
      "sign_up.ngcp.url: expected an https URL without a path",
    ],
    [
      `${BASE}, ngcp: {${NGCP.replace("user: admin, password_file: password.txt, ", "")}}, ${SMTP}`,
      "sign_up.ngcp.user: is missing, and there is no certificate either",
    ],
    [
      `${BASE}, ngcp: {${NGCP.replace(", password_file: password.txt", "")}}, ${SMTP}`,
      "sign_up.ngcp.password: is missing",
    ],
    [
      `${BASE}, ngcp: {${NGCP}}, smtp: {host: mail.example.org, from: a@b.c, tls: none}`,
      "sign_up.smtp.tls: mail.example.org is another machine: codes and links could be read",
    ],
    [`${BASE}, ngcp: {${NGCP}}, smtp: {host: a, from: nobody}`, "sign_up.smtp.from: expected an e-mail address"],
    [
      `${BASE}, ngcp: {${NGCP}}, verify: phone, sms: {url: 'http://sms.example.net'}`,
      "sign_up.sms.url: expected an https URL",
    ],
    [
      `${BASE}, ngcp: {${NGCP}}, verify: phone, sms: {url: 'https://a.example', method: get}`,
      "sign_up.sms.url: has no {to}",
    ],
    [
      `${BASE}, ngcp: {${NGCP}}, verify: phone, sms: {url: 'https://a.example', body: '{to}'}`,
      "sign_up.sms.body: has no {text}",
    ],
    [whole("path: /p"), "sign_up.path: the gateway has another use for it"],
    [whole("path: /push"), "sign_up.path: the gateway has another use for it"],
    [whole("terms_url: 'javascript:alert(1)'"), "sign_up.terms_url: expected an https URL"],
    [whole("allowed_countries: [AT, UK]"), 'sign_up.allowed_countries: names no country, found "UK"'],
    [whole("allowed_countries: [at]"), "sign_up.allowed_countries[0]: expected two capital letters"],
    [whole("country_code: '+43'"), "sign_up.country_code: expected a country code without plus"],
  ])("%s", (signUp, problem) => {
    expect(fixture.problemsOf(text(signUp))[0]).toContain(`config.yml:2: launcher.${problem}`);
  });

  it("a sign-up whose links would lead nowhere", () => {
    const signUp = `${BASE}, ngcp: {${NGCP}}, ${SMTP}`;

    expect(fixture.problemsOf(text(signUp, "key: 0123456789abcdef"))[0]).toContain(
      "sign_up.domain: needs launcher.url",
    );
  });

  it("links that do not fit into a message", () => {
    const launcher = `key: 0123456789abcdef, url: 'https://${"x".repeat(40)}.example.org/p'`;
    const signUp = `${BASE}, ngcp: {${NGCP}}, ${SMS}`;

    expect(fixture.problemsOf(text(signUp, launcher))[0]).toContain(
      "sign_up.verify: links would have 153 characters, and 140 fit into a message",
    );
    expect(load(signUp)).toBeDefined();
  });
});
