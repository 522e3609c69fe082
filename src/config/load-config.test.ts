import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLE_ID, CONFIG_NOW, createConfigFixture, type ConfigFixture } from "../../test/fixtures/config-fixture.ts";
import { loadConfig } from "./load-config.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
});

afterAll(() => fixture[Symbol.dispose]());

const PLAIN = "listen: [{port: 8080}]\n";
const JWT =
  "http2_jwt: {ec_key: AuthKey_ABCDE12345.p8, ec_key_id: ABCDE12345, issuer: VWXYZ67890, topic: com.example.app}";

describe("an NGCP file", () => {
  it("loads as it stands", () => {
    const { config, warnings } = fixture.load(`
general: {production: yes}
pushd:
  enable: 'yes'
  port: 45060
  processes: 4
  ssl: yes
  sslcertfile: tls.pem
  sslcertkeyfile: tls-key.pem
  unique_device_ids: yes
  one_device_per_subscriber: no
  apns:
    enable: yes
    endpoint: gateway.push.apple.com
    endpoint_port: 2195
    http2_jwt: {enable: no, ec_key: '', ec_key_id: '', issuer: '', topic: '', tls_certificate: '', tls_key: ''}
    legacy: {certificate: apns.pem, key: apns-key.pem, feedback_endpoint: feedback.push.apple.com, feedback_interval: '3600'}
    extra_instances:
    - {type: callkit, enable: yes, certificate: voip.pem, key: voip-key.pem}
  android:
    enable: yes
    key: server-key
    priority: {call: high, groupchat: high, invite: normal, message: normal}
  domains:
  - {domain: Example.COM, enable: no, apns: {legacy: {certificate: missing.pem}}, gcm: {key: ''}}
  - {domain: example.net, apns: {enable: no}, gcm: {key: other-key}}
  muc: {exclude: [], force_persistent: 'true', owner_on_join: 'true'}
redis: {port: 6379}
`);

    expect(config).toMatchObject({
      enabled: true,
      processes: 4,
      listeners: [
        { host: "localhost", port: 45_060, loopback: true, tls: { certificateFile: fixture.files.path("tls.pem") } },
      ],
      registration: { uniqueDeviceIds: true, oneDevicePerSubscriber: false },
      apps: {
        apns: {
          topic: BUNDLE_ID,
          origins: { production: "https://api.push.apple.com:443", sandbox: "https://api.sandbox.push.apple.com:443" },
          credentials: {
            kind: "certificate",
            topics: [BUNDLE_ID, `${BUNDLE_ID}.voip`],
            expiresAt: Date.UTC(2060, 0, 1),
          },
          voipCredentials: { kind: "certificate", topics: [`${BUNDLE_ID}.voip`] },
        },
        gcm: {
          key: "server-key",
          endpoint: "https://fcm.googleapis.com/fcm/send",
          priority: { call: "high", groupchat: "high", invite: "normal", message: "normal" },
        },
      },
      domains: [
        { domain: "example.com", enabled: false, apps: {} },
        {
          domain: "example.net",
          enabled: true,
          disabledProviders: ["apns"],
          apps: { gcm: { key: "other-key", priority: { groupchat: "high" } } },
        },
      ],
    });
    expect(
      warnings.map((warning) =>
        warning
          .split(/: |,|;/)
          .slice(0, 4)
          .join(": "),
      ),
    ).toEqual([
      expect.stringContaining("config.yml:14: warning: pushd.apns.endpoint: gateway.push.apple.com spoke the binary"),
      expect.stringContaining("config.yml:22: warning: pushd.android.key: Google has switched off the API"),
      expect.stringContaining("config.yml:26: warning: pushd.domains[1].gcm.key: Google has switched off"),
    ]);
  });

  it("may serve plain HTTP to other machines, with a warning", () => {
    const { config, warnings } = fixture.load("pushd: {ssl: no, host: 0.0.0.0}");

    expect(config.listeners).toEqual([{ host: "0.0.0.0", port: 45_060, loopback: false }]);
    expect(warnings[0]).toMatch(/^config\.yml:1: warning: pushd\.ssl: plain HTTP on 0\.0\.0\.0/);
    expect(warnings[1]).toMatch(/pushd\.auth\.keys: every request from another machine .* refused with 401/);
  });

  it("that switches the gateway off needs none of its files", () => {
    const { config, warnings } = fixture.load(
      "pushd: {enable: no, sslcertfile: nowhere.pem, apns: {certificate: nowhere.pem}}",
    );

    expect(config).toMatchObject({ enabled: false, listeners: [], apps: {} });
    expect(warnings).toEqual([]);
  });
});

describe("store: redis", () => {
  const load = (redis: string) =>
    fixture.load(`${PLAIN}store: {kind: redis, durability: replica, redis: ${redis}}`).config.store;

  it("reads a single Redis, with the defaults for the rest", () => {
    expect(load("{url: 'redis://127.0.0.1:6379/0'}")).toMatchObject({
      kind: "redis",
      connection: { kind: "single", url: "redis://127.0.0.1:6379/0" },
      keyPrefix: "sip-pushd:",
      shards: 16,
      durability: { replicas: 1, timeoutMs: 500 },
    });
  });

  it("reads user, password and certificates beside an address, and lets them count before what stands in it", () => {
    const beside = (settings: string) => load(`{url: 'redis://old:p%40ss@127.0.0.1:6379/1', ${settings}}`);
    const url = "redis://127.0.0.1:6379/1";

    expect(beside("shards: 4")).toMatchObject({
      connection: { kind: "single", url, username: "old", password: "p@ss" },
    });
    expect(beside("password: new")).toMatchObject({ connection: { url, username: "old", password: "new" } });
    expect(beside("username: new, password: other")).toMatchObject({
      connection: { url, username: "new", password: "other" },
    });
    expect(beside("tls: yes")).toMatchObject({ connection: { tls: {} } });
    expect(beside("shards: 4")).not.toHaveProperty("connection.tls");
  });

  it("refuses a key without a certificate", () => {
    const problems = fixture.problemsOf(`${PLAIN}store: {kind: redis, redis: {url: 'redis://a', key: key.pem}}`);

    expect(problems).toEqual([expect.stringMatching(/store\.redis\.key: there is no certificate/)]);
  });

  it("reads Sentinels and a Cluster, IPv6 too", () => {
    expect(load("{sentinel: {name: a, nodes: ['a:1'], username: u, password: p}}")).toMatchObject({
      connection: { sentinelUsername: "u", sentinelPassword: "p" },
    });
    expect(load("{sentinel: {name: calls, nodes: ['10.0.0.1:26379', '[::1]:26379']}, password: secret}")).toMatchObject(
      {
        connection: {
          kind: "sentinel",
          name: "calls",
          password: "secret",
          sentinels: [
            { host: "10.0.0.1", port: 26_379 },
            { host: "::1", port: 26_379 },
          ],
        },
      },
    );
    expect(load("{cluster: ['a.example.org:6379']}")).toMatchObject({
      connection: { kind: "cluster", nodes: [{ host: "a.example.org", port: 6379 }] },
    });
  });

  it.each([
    ["{}", /store\.redis: .*no Redis/],
    ["{url: 'redis://a', cluster: ['a:1']}", /store\.redis: .*several/],
    ["{url: 'http://a'}", /store\.redis\.url: expected an address/],
    ["{cluster: ['a']}", /store\.redis\.cluster: expected a list of host:port, found "a"/],
    ["{sentinel: {nodes: ['a:1']}}", /store\.redis\.sentinel\.name: is missing/],
  ])("says what is wrong with %s", (redis, problem) => {
    expect(() => load(redis)).toThrow(problem);
  });

  it.each([
    "{ redis: { url: 'redis://127.0.0.1:6379' } }",
    "{ redis: { cluster: ['127.0.0.1:7000'] } }",
    "{ redis: { sentinel: { name: m, nodes: ['127.0.0.1:26379'] } } }",
  ])("is meant where kind is missing and an address is given: %s", (store) => {
    expect(fixture.load(`${PLAIN}store: ${store}`).config.store.kind).toBe("redis");
  });

  it("has to say which one is meant where a file is given, too", () => {
    expect(fixture.problemsOf(`${PLAIN}store: { path: a.db, redis: { url: 'redis://a' } }`)).toEqual([
      expect.stringMatching(
        /store\.kind: is missing, and both path and redis are given; add kind: redis or kind: sqlite/,
      ),
    ]);
  });

  it("warns of an address that is not used", () => {
    const { config, warnings } = fixture.load(`${PLAIN}store: { kind: sqlite, redis: { url: 'redis://a' } }`);

    expect(config.store.kind).toBe("sqlite");
    expect(warnings).toContainEqual(expect.stringMatching(/warning: store\.redis: is not used, since kind is sqlite/));
  });

  it("knows no replicas of a file", () => {
    expect(() => fixture.load(`${PLAIN}store: {durability: replica}`)).toThrow(/store\.durability: replica needs/);
  });
});

describe("the rest", () => {
  it("is complete, in milliseconds, and frozen all through", () => {
    const { config } = fixture.load(
      `${PLAIN}dialects: {sipwise: {paths: [/x]}}\nstore: {path: db.sqlite, retention_hours: 2}`,
    );

    expect(config).toMatchObject({
      store: { kind: "sqlite", path: fixture.files.path("db.sqlite"), durability: "process", retentionMs: 7_200_000 },
      ttl: { call: 60_000, message: 86_400_000, invite: 86_400_000, groupchat: 86_400_000 },
      dedup: { explicitMs: 600_000, implicitMs: 3000 },
      retry: {
        call: { baseMs: 200, capMs: 2000, busyMs: { apns: 0, fcm: 1000, gcm: 1000 } },
        message: {
          baseMs: 5000,
          capMs: 900_000,
          busyMs: { apns: 900_000, fcm: 10_000, gcm: 10_000 },
        },
      },
      dialects: { sipwise: { paths: ["/push", "/x"] } },
      log: { level: "info" },
    });
    expect(config.retry.call).not.toHaveProperty("maxAttempts");
    expect(Object.isFrozen(config.retry.call) && Object.isFrozen(config.dialects.sipwise.paths)).toBe(true);
  });

  it("reports problems of the form, of files and between settings at once, misspelt keys first, then errors, in order", () => {
    const problems = fixture.problemsOf(
      "port: abc\nprocesses: 65\napns: {certificate: none.pem}\nfcm: {kee: x}\nstore: {path: no/db}\n",
    );

    expect(problems.map((problem) => problem.split(": ").slice(0, 2).join(": "))).toEqual([
      "config.yml:4: fcm.kee",
      "config.yml:1: port",
      "config.yml:1: sslcertfile",
      "config.yml:2: processes",
      "config.yml:3: apns.certificate",
      "config.yml:4: fcm.service_account",
      "config.yml:5: store.path",
    ]);
  });

  it("does not call missing what is merely misspelt", () => {
    expect(fixture.problemsOf("port: 1\nsslcertfil: tls.pem\n")).toEqual([
      "config.yml:2: sslcertfil: unknown key; did you mean sslcertfile?",
    ]);
  });

  it("refuses domains that are none, or given twice", () => {
    expect(fixture.problemsOf(`${PLAIN}domains: [{domain: a b}, {domain: a.org}, {domain: A.org}]`)).toEqual([
      'config.yml:2: domains[0].domain: expected a domain name, found "a b"; write e.g. domain: example.org',
      "config.yml:2: domains[2].domain: a.org is given twice; put both into one entry",
    ]);
  });

  it("takes secrets from files named by the environment", () => {
    const env = {
      SIP_PUSHD_GCM_KEY_FILE: "proxy.key",
      SIP_PUSHD_AUTH_KEYS_FILE: fixture.files.write("keys", "[{name: a, key_file: proxy.key}]"),
    };

    const { config } = fixture.load(PLAIN, { env });

    expect(config.apps.gcm?.key).toBe("0123456789abcdef");
    expect(config.auth.keys).toEqual([{ name: "a", key: "0123456789abcdef" }]);
  });

  it("tells which variable names a file that is not there", () => {
    const problems = fixture.problemsOf(PLAIN, { env: { SIP_PUSHD_GCM_KEY_FILE: "none" } });

    expect(problems).toEqual([
      "environment: SIP_PUSHD_GCM_KEY_FILE: gcm.key: there is no file none; create it, or correct the path",
    ]);
  });

  it("names every file that settings name", () => {
    const { files: read } = loadConfig({
      file: fixture.files.path("config.yml"),
      text: `${PLAIN}apns: {${JWT}}`,
      env: { SIP_PUSHD_GCM_KEY_FILE: "tls-key.pem", STATE_DIRECTORY: fixture.files.directory },
      now: CONFIG_NOW,
    });

    expect(read).toEqual(["tls-key.pem", "AuthKey_ABCDE12345.p8"].map((name) => fixture.files.path(name)));
  });
});

describe("the file itself", () => {
  it.each([
    ["none.yml", /^none\.yml: there is no file none\.yml; create it/],
    [".", /is a directory; name the file inside it$/],
    ["latin1.yml", /^latin1\.yml: the file is not UTF-8; convert it: iconv/],
  ])("%s is a problem where it cannot be read", (name, problem) => {
    fixture.files.write("latin1.yml", Buffer.from("host: m\u00fcnchen", "latin1"));

    expect(fixture.problemsOfFile(fixture.files.path(name))).toEqual([expect.stringMatching(problem)]);
  });

  it("is read, with paths beginning beside it", () => {
    const file = fixture.files.write(
      "real.yml",
      "\uFEFFlisten: [{port: 1, sslcertfile: tls.pem, sslcertkeyfile: tls-key.pem}]\n",
    );

    expect(
      loadConfig({ file, env: { STATE_DIRECTORY: fixture.files.directory } }).config.listeners[0]?.tls?.keyFile,
    ).toBe(fixture.files.path("tls-key.pem"));
  });
});
