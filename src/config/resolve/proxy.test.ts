import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";
import { summarizeConfig } from "../../app/summarize-config.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
});

afterAll(() => fixture[Symbol.dispose]());

const APNS = "certificate: apns.pem, key: apns-key.pem";
const FCM = "service_account: firebase.json";
const aConfig = (general: string, { apns = "", fcm = "", domain = "" } = {}): string =>
  [
    "listen: [{port: 8080}]",
    general,
    `apns: {${APNS}${apns}}`,
    `fcm: {${FCM}${fcm}}`,
    `domains: [{domain: example.org, apns: {${APNS}${domain}}}]`,
  ].join("\n");

const proxiesOf = (text: string, env = {}) => {
  const { apps, domains } = fixture.load(text, { env }).config;
  return {
    apns: apps.apns?.proxy?.host,
    fcm: apps.fcm?.proxy?.host,
    domain: domains[0]?.apps.apns?.proxy?.host,
  };
};

describe("proxy", () => {
  it("is on the way to every provider, unless a section says otherwise", () => {
    expect(proxiesOf(aConfig("proxy: http://general:3128"))).toEqual({
      apns: "general",
      fcm: "general",
      domain: "general",
    });
    expect(
      proxiesOf(
        aConfig("proxy: http://general:3128", { apns: ", proxy: 'http://apple:3128'", fcm: ", proxy: direct" }),
      ),
    ).toEqual({ apns: "apple", fcm: undefined, domain: "apple" });
    expect(proxiesOf(aConfig("", { apns: ", proxy: 'http://apple:3128'", domain: ", proxy: Direct" }))).toEqual({
      apns: "apple",
      fcm: undefined,
      domain: undefined,
    });
  });

  it("may be given by the environment, and from a file as it may hold a password", () => {
    const file = fixture.files.write("proxy-url", "http://u:p@secret:3128\n");

    expect(proxiesOf(aConfig(""), { SIP_PUSHD_PROXY: "http://variable:3128" })).toMatchObject({ fcm: "variable" });
    expect(proxiesOf(aConfig(""), { SIP_PUSHD_FCM_PROXY_FILE: file })).toEqual({ fcm: "secret" });
  });

  it.each([
    ["http://proxy.example.org:3128", { host: "proxy.example.org", port: 3128 }],
    ["http://proxy.example.org", { host: "proxy.example.org", port: 80 }],
    ["http://[2001:db8::1]:3128/", { host: "2001:db8::1", port: 3128 }],
    [
      "http://gate%20way:p%40ss%3Aw%C3%B6rd@10.0.0.1:8080",
      { host: "10.0.0.1", port: 8080, login: { user: "gate way", password: "p@ss:wörd" } },
    ],
    ["http://user@10.0.0.1:8080", { host: "10.0.0.1", port: 8080, login: { user: "user", password: "" } }],
  ])("%s is understood", (text, proxy) => {
    expect(fixture.load(aConfig(`proxy: '${text}'`)).config.apps.fcm?.proxy).toEqual(proxy);
  });

  it.each([
    ["https://u:s3cret@proxy:3128", /spoken to by http:\/\//],
    ["socks5://u:s3cret@proxy:1080", /expected http:\/\/host:port or direct/],
    ["proxy.example.org:3128", /expected http:\/\/host:port/],
    ["none", /expected http:\/\/host:port/],
    ["http://u:s3cret@proxy:3128/path", /expected http:\/\/host:port/],
    ["http://u:s3cret%@proxy:3128", /%25/],
  ])("%s is refused, and not repeated", (text, complaint) => {
    const problems = fixture.problemsOf(aConfig(`proxy: '${text}'`));

    expect(problems).toEqual([expect.stringMatching(/^config\.yml:2: proxy: /)]);
    expect(problems[0]).toMatch(complaint);
    expect(problems[0]).not.toContain("s3cret");
  });

  it("stands in the summary without its login", () => {
    const { config } = fixture.load(aConfig("proxy: http://alice:s3cret@proxy.example.org:3128"));

    const summary = summarizeConfig(config).join("\n");

    expect(summary).toContain("through the proxy proxy.example.org:3128");
    expect(summary).not.toMatch(/alice|s3cret/);
  });
});
