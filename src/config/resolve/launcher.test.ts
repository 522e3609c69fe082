import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";
import { STANDARD_LAUNCH_APP } from "../standard-launch-app.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
  fixture.files.write("launcher.key", "0123456789abcdef\n");
  fixture.files.write("short.key", "0123\n");
  fixture.files.write("standard.key", STANDARD_LAUNCH_APP.secret.key);
});

afterAll(() => fixture[Symbol.dispose]());

const PLAIN = "listen: [{port: 8080}]\n";
const KEY = "key: 0123456789abcdef";
const load = (launcher: string) => fixture.load(`${PLAIN}launcher: {${launcher}}`);
const WARNING =
  /^config\.yml:2: warning: launcher(\.key(_file)?)?: launch links use the handbook's standard key, which everybody knows/;

it("opens no links unless it is told to", () => {
  expect(fixture.load(PLAIN).config.launcher).toBeUndefined();
  expect(load("enable: no").config.launcher).toBeUndefined();
});

it("is the handbook's app where nothing else is said, with a warning of its key", () => {
  const { config, warnings } = load("enable: yes");

  expect(config.launcher).toEqual({ linksPerMinute: 30, apps: [STANDARD_LAUNCH_APP] });
  expect(warnings).toEqual([expect.stringMatching(WARNING)]);
});

it.each([`key: ${STANDARD_LAUNCH_APP.secret.key}`, "key_file: standard.key"])(
  "warns of the standard key that is written out: %s",
  (key) => {
    expect(load(key).warnings).toEqual([expect.stringMatching(WARNING)]);
  },
);

it("takes the key from a file, and does not warn of one's own", () => {
  const { config, warnings } = load("key_file: launcher.key");

  expect(config.launcher?.apps[0]?.secret).toEqual({ key: "0123456789abcdef", iv: STANDARD_LAUNCH_APP.secret.iv });
  expect(warnings).toEqual([]);
});

it("lets a domain have an app of its own, which inherits the rest", () => {
  const own =
    "domain: Brand.example, scheme: brand, key: fedcba9876543210, paths: [/b], app_store_url: 'https://apps.apple.com/b'";
  const { config } = load(
    `${KEY}, iv: aaaaaaaaaaaaaaaa, app_name: Ours, url: 'https://a.example/p', domains: [{${own}}]`,
  );

  expect(config.launcher?.apps).toEqual([
    {
      domain: "brand.example",
      paths: ["/b"],
      scheme: "brand",
      secret: { key: "fedcba9876543210", iv: "aaaaaaaaaaaaaaaa" },
      name: "Ours",
      url: "https://a.example/p",
      stores: { apple: "https://apps.apple.com/b" },
    },
    expect.objectContaining({ domain: undefined, scheme: "sipphone", paths: ["/p", "/sipphone"], stores: {} }),
  ]);
});

describe("refuses", () => {
  it.each([
    [
      "scheme: javascript",
      "launcher.scheme: javascript: is not an app's own scheme; write the scheme that the app has",
    ],
    ["scheme: https", "launcher.scheme: https: is not an app's own scheme"],
    ["scheme: 'sip phone'", "launcher.scheme: expected a scheme without ://"],
    ["scheme: 'sipphone://'", "launcher.scheme: expected a scheme without ://"],
    ["key: short", "launcher.key: expected 16 ASCII characters; write e.g."],
    ["key_file: short.key", "launcher.key_file: expected 16 ASCII characters in the file"],
    ["key_file: none.key", "launcher.key_file: there is no file none.key"],
    ["iv: short", "launcher.iv: expected 16 ASCII characters"],
    ["paths: [/push]", `launcher.paths: the gateway has another use for it, found "/push"; write another one, e.g. /p`],
    ["paths: [/mobilepush]", "launcher.paths: the gateway has another use for it"],
    ["paths: [/v1/pushes]", "launcher.paths: the gateway has another use for it"],
    ["paths: [/compat]", "launcher.paths: the gateway has another use for it"],
    ["paths: [/k]}\ndialects: {kazoo: {paths: [/k]}", "launcher.paths: the gateway has another use for it"],
    ["paths: ['/:x']", "launcher.paths[0]: expected a path of letters, digits and . _ ~ -"],
    ["paths: ['/*']", "launcher.paths[0]: expected a path"],
    ["url: 'http://push.example.org/p'", "launcher.url: expected an https URL without a query"],
    ["url: 'https://push.example.org/p?x'", "launcher.url: expected an https URL without a query"],
    ["app_store_url: 'javascript:alert(1)'", "launcher.app_store_url: expected an https URL"],
    ["google_play_url: 'https://a:b@play.google.com/'", "launcher.google_play_url: expected an https URL"],
    ["domains: [{domain: 'a b'}]", `launcher.domains[0].domain: expected a domain name, found "a b"`],
    ["domains: [{domain: a}, {domain: A}]", "launcher.domains[1].domain: a is given twice"],
  ])("%s", (launcher, problem) => {
    const key = launcher.startsWith("key") ? "" : `${KEY}, `;

    const [first, ...others] = fixture.problemsOf(`${PLAIN}launcher: {${key}${launcher}}`);

    expect(first).toContain(`config.yml:2: ${problem}`);
    // A wrong key counts as missing.
    expect(others.every((other) => other.includes("warning"))).toBe(true);
  });

  it("never shows a key", () => {
    expect(fixture.problemsOf(`${PLAIN}launcher: {key: hunter2}`).join()).not.toContain("hunter2");
  });
});

describe("trusted_proxies", () => {
  it("are addresses and networks", () => {
    const { config } = fixture.load(`${PLAIN}trusted_proxies: [127.0.0.1, 10.0.0.0/8, '2001:db8::/32']`);

    expect(config.trustedProxies).toEqual(["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"]);
  });

  it.each(["all", "10.0.0.0/33", "proxy.example.org", "::/129", "10.0.0.0/"])("are not %s", (proxy) => {
    expect(fixture.problemsOf(`${PLAIN}trusted_proxies: ['${proxy}']`)).toEqual([
      `config.yml:2: trusted_proxies: expected an address or a network, found "${proxy}"; write e.g. [127.0.0.1, 10.0.0.0/8]`,
    ]);
  });
});
