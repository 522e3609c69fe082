import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseConfig } from "./parse-config.ts";
import { printProblem } from "./problem.ts";

function problemsOf(text: string, env: Record<string, string> = {}): string[] {
  return parseConfig({ file: "config.yml", text, env }).report.problems.map(printProblem);
}

function rawOf(text: string, env: Record<string, string> = {}) {
  const { raw, report } = parseConfig({ file: "config.yml", text, env });
  expect(report.problems.map(printProblem)).toEqual([]);
  return raw;
}

describe("values", () => {
  it.each([
    ["yes", true],
    ["no", false],
    ["'yes'", true],
    ["true", true],
    ["'false'", false],
    ["on", true],
    ['"Off"', false],
    ["NO", false],
  ])("reads %s as the boolean %s", (written, value) => {
    expect(rawOf(`ssl: ${written}`)?.ssl).toBe(value);
  });

  it("reads a number in quotes", () => {
    expect(rawOf("pushd: {port: '45061'}")?.port).toBe(45_061);
  });

  it.each(["0123456789", "12345E6789", "1234567890", "true"])(
    "keeps the letters of a text that looks like %s",
    (id) => {
      expect(rawOf(`apns: {http2_jwt: {ec_key_id: ${id}}}`)?.apns?.http2_jwt?.ec_key_id).toBe(id);
    },
  );

  it("takes empty values as not given", () => {
    const raw = rawOf("apns:\n  certificate: ''\n  topic:\n  extra_instances:\nport:\nlog:\n");

    expect(raw?.apns).toEqual({ enable: true, extra_instances: [] });
    expect(raw?.port).toBeUndefined();
    expect(raw?.log).toEqual({ level: "info" });
  });

  it("fills in the defaults", () => {
    expect(rawOf("enable: yes")).toMatchObject({
      store: { durability: "process", retention_hours: 24 },
      calls: { ttl_seconds: 60, retry: { base_ms: 200, cap_ms: 2000 } },
      messages: { ttl_seconds: 86_400, retry: { base_ms: 5000, cap_ms: 900_000 } },
      dedup: { push_id_window_seconds: 600, window_seconds: 3 },
      dialects: { sipwise: { paths: ["/push", "/mobilepush/"] } },
    });
  });

  it("follows anchors and aliases", () => {
    expect(rawOf("calls: {retry: &r {max_attempts: 7}}\nmessages: {retry: *r}\n")?.messages.retry.max_attempts).toBe(7);
  });

  it.each([
    ["x-app: &app { enable: yes, key: k }\ngcm: { <<: *app }", { enable: true, key: "k" }],
    ["x-app: &app { enable: yes, key: k }\ngcm: { <<: *app, key: own }", { enable: true, key: "own" }],
    ["x-a: &a { key: a }\nx-b: &b { enable: yes, key: b }\ngcm: { <<: [*a, *b] }", { enable: true, key: "a" }],
    ["pushd:\n  x-app: &app { enable: yes, key: k }\n  gcm: { <<: *app }", { enable: true, key: "k" }],
  ])("merges what a map names with <<, its own keys first: %j", (text, gcm) => {
    expect(problemsOf(text)).toEqual([]);
    expect(rawOf(text)?.gcm).toMatchObject(gcm);
  });

  it("survives maps that merge themselves, and says what cannot be merged", () => {
    expect(rawOf("gcm: &gcm { <<: *gcm, key: k }")?.gcm?.key).toBe("k");
    expect(problemsOf("gcm: { <<: text }")[0]).toMatch(/gcm\.<<: unknown key/);
  });

  it("survives an alias that holds itself", () => {
    expect(problemsOf("listen: &l [*l, *l]\n")[0]).toMatch(/listen\[0\]: expected a section, found a list/);
  });

  it("takes NGCP's other sections as NGCP's, even where a key stands there twice", () => {
    const raw = rawOf("---\nsems: {port: 1, port: 2}\nkamailio: [*x]\npushd: {port: 7}\n".replace("[*x]", "[]"));

    expect(raw?.port).toBe(7);
  });

  it("takes NGCP's ignored keys in any form", () => {
    const text = "muc: {exclude: []}\napns: {socket_timeout: 0, legacy: {feedback_interval: '3600'}}\n";

    expect(rawOf(text)?.apns).toEqual({ enable: true, extra_instances: [], legacy: {} });
  });
});

describe("problems", () => {
  it.each([
    [
      'pushd:\n  port: "abc"\n',
      'config.yml:2: pushd.port: expected a port from 1 to 65535, found "abc"; write e.g. port: 45060',
    ],
    ["ssl: maybe\n", 'config.yml:1: ssl: expected yes or no, found "maybe"; write e.g. ssl: yes'],
    ["port: 65536\n", 'config.yml:1: port: expected a port from 1 to 65535, found "65536"; write e.g. port: 45060'],
    [
      "store: 5\n",
      'config.yml:1: store: expected a section, found "5"; write its settings below store: and indent them',
    ],
    [
      "log:\n  level: debg\n",
      'config.yml:2: log.level: expected one of trace, debug, info, warn, error, found "debg"; write level: debug',
    ],
    ["\nprot: 1\n", "config.yml:2: prot: unknown key; did you mean port?"],
    [
      "pushd:\n  apns:\n    sertificate: x\n",
      "config.yml:3: pushd.apns.sertificate: unknown key; did you mean certificate?",
    ],
    ["log: {colour: 1}", "config.yml:1: log.colour: unknown key; remove it; known here: level"],
    ["listen:\n  - host: ::1\n", "config.yml:2: listen[0].port: is missing; write e.g. port: 45060"],
    [
      "listen: {port: 1}",
      "config.yml:1: listen: expected a list, found a section; write a list: one line below listen: for each, with a dash before it",
    ],
    [
      "- a\n",
      "config.yml:1: expected a section, found a list; write its settings below the file's top level: and indent them",
    ],
    [
      "dialects: {sipwise: {paths: [push]}}",
      'config.yml:1: dialects.sipwise.paths[0]: expected a path that begins with /, found "push"; write e.g. - /push',
    ],
  ])("of %j is %s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it.each([
    ["port: 1\nhost: a\nport: 2\n", 'config.yml:3: "port" is given twice in the same section; keep one of the two'],
    ["\n\napns: [\n", /^config\.yml:\d: not valid YAML: .+; check the indentation/],
    ["a: b: c\n", /^config\.yml:1: not valid YAML/],
    ["apns:\n\tenable: yes\n", /^config\.yml:2: not valid YAML: .*; indent with spaces$/],
    ["", "config.yml:1: the file holds no settings; begin with a copy of examples/config/minimal.yml"],
    ["# nothing yet\n", /holds no settings/],
    ["port: 1\n---\nport: 2\n", /^config\.yml:2: a second document begins here/],
    ["\nhost: *secretpassword\n", /^config\.yml:2: an alias/],
  ])("of the YAML text %j are told without a stack trace", (text, problem) => {
    const problems = problemsOf(text);

    expect(problems[0]).toMatch(problem);
    expect(problems.join("\n")).not.toContain("secretpassword");
  });

  it("are told all at once, each with its line", () => {
    const text = "pushd:\n  ssl: 7\n  calls:\n    ttl_seconds: 0\n  fcm:\n    kee: x\n  listen:\n    - {}\n";

    expect(problemsOf(text).map((problem) => problem.split(": ", 2).join(": "))).toEqual([
      "config.yml:2: pushd.ssl",
      "config.yml:8: pushd.listen[0].port",
      "config.yml:6: pushd.fcm.kee",
      "config.yml:4: pushd.calls.ttl_seconds",
    ]);
  });

  it("tell the column", () => {
    const { report } = parseConfig({ file: "config.yml", text: "pushd:\n  port:   abc\n", env: {} });

    expect(report.problems[0]).toMatchObject({ line: 2, column: 11, key: "pushd.port", severity: "error" });
  });

  it("never show a secret", () => {
    const text = "fcm: {key: [hunter2hunter2]}\ngcm: {key: {hunter2: 1}}\nauth: {keys: [hunter2, [hunter2]]}\n";
    const env = { SIP_PUSHD_AUTH_KEYS: "hunter2" };

    expect(problemsOf(text)).toHaveLength(4);
    expect([...problemsOf(text), ...problemsOf(text, env)].join()).not.toContain("hunter2");
  });

  it.each([
    "key: hunter2\n  - x",
    "key: 'hunter2",
    'key: "hunter2\\q"',
    "key: @hunter2",
    "key: [hunter2}",
    "key: | hunter2",
    "key: x\n]'hunter2",
    "key:\nhunter2",
  ])("do not repeat the text around a mistake in YAML (%j)", (text) => {
    const problems = problemsOf(`fcm:\n  ${text}\n`);

    expect(problems).not.toEqual([]);
    expect(problems.join()).not.toContain("hunter2");
  });

  it("are told whatever the file holds", () => {
    const key = fc.oneof(fc.constantFrom("pushd", "apns", "listen", "auth", "keys", "http2_jwt", "port"), fc.string());
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.array(tie("tree")),
        fc.dictionary(key, tie("tree")),
      ),
    }));

    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          tree.map((value) => stringify(value)),
        ),
        (text) => {
          const { raw, report } = parseConfig({ file: "f", text, env: { SIP_PUSHD_APNS: text } });

          return raw !== undefined || report.hasErrors;
        },
      ),
    );
  });

  it("warn of our own sections beside pushd:", () => {
    expect(problemsOf("pushd: {port: 1}\nauth: {keys: []}\n")).toEqual([
      "config.yml:2: warning: auth: stands beside pushd: and is not read; indent it, so that it stands below pushd:",
    ]);
  });
});

describe("environment", () => {
  it("has the last word", () => {
    const raw = rawOf("pushd:\n  port: 1\n  apns: {enable: yes, topic: a}\n", {
      SIP_PUSHD_PORT: "45061",
      SIP_PUSHD_APNS_HTTP2_JWT_EC_KEY_ID: "0123456789",
      SIP_PUSHD_GCM_KEY: "yes",
      SIP_PUSHD_APNS_ENABLE: "no",
    });

    expect(raw).toMatchObject({
      port: 45_061,
      apns: { enable: false, topic: "a", http2_jwt: { ec_key_id: "0123456789" } },
      gcm: { key: "yes" },
    });
  });

  it("gives lists and sections as YAML, and single settings inside a section after it", () => {
    const raw = rawOf("log: {level: warn}", {
      SIP_PUSHD_LISTEN: "[{port: 8080}]",
      SIP_PUSHD_CALLS: "{ttl_seconds: 30}",
      SIP_PUSHD_CALLS_RETRY_BASE_MS: "100",
    });

    expect(raw?.listen).toMatchObject([{ host: "localhost", port: 8080, plain_http: false }]);
    expect(raw?.calls).toMatchObject({ ttl_seconds: 30, retry: { base_ms: 100 } });
  });

  it("is enough without a file", () => {
    const { raw } = parseConfig({ file: "(no file)", text: undefined, env: { SIP_PUSHD_PORT: "7" } });

    expect(raw?.port).toBe(7);
  });

  it("does not count empty variables, nor the client's, nor other programs'", () => {
    const client = { SIP_PUSHD_URL: "https://x", SIP_PUSHD_CA: "/ca", SIP_PUSHD_CLIENT_KEY: "k" };

    expect(rawOf("port: 1", { SIP_PUSHD_PORT: "", PORT: "9", ...client })?.port).toBe(1);
  });

  it("does not take what Kubernetes says about a service of our name for settings", () => {
    const env = {
      SIP_PUSHD_PORT: "tcp://10.0.0.7:8080",
      SIP_PUSHD_SERVICE_HOST: "10.0.0.7",
      SIP_PUSHD_SERVICE_PORT_HTTP: "8080",
      SIP_PUSHD_PORT_8080_TCP_ADDR: "10.0.0.7",
    };

    expect(rawOf("port: 1", env)?.port).toBe(1);
  });

  it("does not take what Kubernetes says about other services whose names begin with ours for settings", () => {
    const env = {
      SIP_PUSHD_REDIS_SERVICE_HOST: "10.0.0.7",
      SIP_PUSHD_REDIS_SERVICE_PORT: "6379",
      SIP_PUSHD_REDIS_PORT: "tcp://10.0.0.7:6379",
      SIP_PUSHD_REDIS_PORT_6379_TCP: "tcp://10.0.0.7:6379",
      SIP_PUSHD_REDIS_PORT_6379_TCP_PROTO: "tcp",
      SIP_PUSHD_APNS_ENDPOINT_PORT: "tcp://10.0.0.8:443",
    };

    expect(problemsOf("enable: yes", env)).toEqual([]);
    expect(rawOf("apns: { endpoint_port: 2197 }", env)?.apns?.endpoint_port).toBe(2197);
  });

  it.each([
    [
      { SIP_PUSHD_PRT: "1" },
      "environment: SIP_PUSHD_PRT: warning: is not a setting and is ignored; did you mean SIP_PUSHD_PORT?",
    ],
    [
      { SIP_PUSHD_VERSION: "1.2.3" },
      "environment: SIP_PUSHD_VERSION: warning: is not a setting and is ignored; docs/reference/configuration.md lists the variables that count",
    ],
    [
      { SIP_PUSHD_PORT: "x" },
      'environment: SIP_PUSHD_PORT: port: expected a port from 1 to 65535, found "x"; write e.g. port: 45060',
    ],
    [
      { SIP_PUSHD_LISTEN: "[{port: x}]" },
      'environment: SIP_PUSHD_LISTEN: listen[0].port: expected a port from 1 to 65535, found "x"; write e.g. port: 45060',
    ],
  ])("says which variable is wrong: %o", (env, problem) => {
    expect(problemsOf("enable: yes", env)).toEqual([problem]);
  });

  it("says how to write a list that is no YAML", () => {
    expect(problemsOf("enable: yes", { SIP_PUSHD_LISTEN: "[{port" })[0]).toMatch(
      /^environment: SIP_PUSHD_LISTEN: listen: not valid YAML.*SIP_PUSHD_LISTEN='\[\{…\}, \{…\}\]'$/,
    );
  });
});
