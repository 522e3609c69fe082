import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
});

afterAll(() => fixture[Symbol.dispose]());

const PLAIN = "listen: [{port: 8080}]\n";

describe("listeners", () => {
  it("are those of listen alone, unless the main one is described", () => {
    expect(fixture.load(PLAIN).config.listeners).toEqual([{ host: "localhost", port: 8080, loopback: true }]);
    expect(fixture.load(`port: 1\nssl: no\n${PLAIN}`).config.listeners.map(({ port }) => port)).toEqual([1, 8080]);
  });

  it("take any free port for 0", () => {
    expect(fixture.load("listen: [{port: 0}, {port: 0}]").config.listeners).toHaveLength(2);
  });

  it.each([
    ["{host: '[::1]', port: 1}", { host: "::1", port: 1, loopback: true }],
    ["{host: 127.0.0.2, port: 1}", { host: "127.0.0.2", port: 1, loopback: true }],
    ["{host: 192.0.2.1, port: 1, plain_http: yes}", { host: "192.0.2.1", port: 1, loopback: false }],
    ["{host: '::', port: 1, ssl: no, plain_http: yes}", { host: "::", port: 1, loopback: false }],
  ])("%s listens without TLS", (entry, listener) => {
    expect(fixture.load(`listen: [${entry}]`).config.listeners).toEqual([listener]);
  });

  it("may name one port for each of both families", () => {
    const both = "listen: [{host: 0.0.0.0, port: 1, plain_http: yes}, {host: '::', port: 1, plain_http: yes}]";

    expect(fixture.load(both).config.listeners).toHaveLength(2);
  });

  it.each([
    ["0.0.0.0", "127.0.0.1"],
    ["0.0.0.0", "localhost"],
    ["'::'", "'::1'"],
    ["'::'", "localhost"],
  ])("on %s take what %s would on the same port, which is said", (wide, narrow) => {
    const text = `listen: [{host: ${wide}, port: 1, plain_http: yes}, {host: ${narrow}, port: 1}]`;

    expect(fixture.problemsOf(text)).toContainEqual(
      expect.stringMatching(/listen: \S+ port 1 takes the connections to \S+ as well; remove the listener on/),
    );
  });

  it("on loopback may go by names and ask for a key", () => {
    const [listener] = fixture.load("listen: [{port: 1, require_key: yes, names: [a.example.org, '*.b.example.org']}]")
      .config.listeners;

    expect(listener).toMatchObject({ requireKey: true, names: ["a.example.org", "*.b.example.org"] });
    expect(fixture.problemsOf("listen: [{port: 1, names: ['http://a']}]")).toEqual([
      expect.stringMatching(/listen\[0\]\.names: expected a list of host names, found "http:\/\/a"/),
    ]);
  });

  it("speak TLS where they have a certificate, with its key in the same file if need be", () => {
    fixture.files.write("both.pem", fixture.files.read("tls.pem") + fixture.files.read("tls-key.pem"));

    const [listener] = fixture.load("listen: [{port: 1, sslcertfile: both.pem}]").config.listeners;

    expect(listener?.tls).toEqual({
      certificate: fixture.files.read("tls.pem"),
      key: fixture.files.read("tls-key.pem").trim(),
      certificateFile: fixture.files.path("both.pem"),
      keyFile: fixture.files.path("both.pem"),
    });
  });

  it.each([
    [
      "port: 45060\n",
      "config.yml:1: sslcertfile: is missing, and TLS needs a certificate; write sslcertfile: and sslcertkeyfile: with the paths of PEM files, or ssl: no",
    ],
    [
      "listen: [{host: 0.0.0.0, port: 1}]",
      "config.yml:1: listen[0].sslcertfile: is missing, and TLS needs a certificate; write sslcertfile: and sslcertkeyfile: with the paths of PEM files",
    ],
    [
      "listen:\n- {host: 0.0.0.0, port: 1, ssl: no}",
      "config.yml:2: listen[0].ssl: plain HTTP on 0.0.0.0, which other machines reach; write ssl: yes with sslcertfile, or plain_http: yes if the network is trusted",
    ],
    [
      "host: 0.0.0.0\nssl: no",
      "config.yml:2: ssl: plain HTTP on 0.0.0.0, which other machines reach; write ssl: yes, or listen: [{host: 0.0.0.0, port: 45060, plain_http: yes}]",
    ],
    [
      "listen: [{host: a b, port: 1}]",
      'config.yml:1: listen[0].host: expected an address or a name to listen on, found "a b"; write e.g. host: 0.0.0.0',
    ],
    [
      "listen: [{port: 1}, {port: 1}]",
      "config.yml:1: listen: two listeners on localhost port 1; remove one of the two",
    ],
    [
      "listen: [{port: 1, sslcertfile: tls.pem}]",
      "config.yml:1: listen[0].sslcertkeyfile: is missing, and tls.pem holds no private key either; write sslcertkeyfile: and the path of the key's file",
    ],
  ])("%j is a problem", (text, problem) => {
    expect(fixture.problemsOf(text).filter((line) => !line.includes("warning"))).toEqual([problem]);
  });
});

describe("API keys", () => {
  it("come from the file or from files beside it", () => {
    const { config } = fixture.load(
      `${PLAIN}auth: {keys: [{name: a, key: abcdefghijklmnop}, {name: b, key_file: proxy.key}]}`,
    );

    expect(config.auth.keys).toEqual([
      { name: "a", key: "abcdefghijklmnop" },
      { name: "b", key: "0123456789abcdef" },
    ]);
  });

  it.each([
    ["{name: a, key: short}", "auth.keys[0].key: has 5 characters, and 16 are the least"],
    ["{name: a}", "auth.keys[0].key: is missing"],
    ["{name: a, key_file: none}", "auth.keys[0].key_file: there is no file none"],
    ["{name: a, key: abcdefghijklmnop, key_file: proxy.key}", "auth.keys[0].key_file: key is given as well"],
    [
      "{name: a, key: abcdefghijklmnop}, {name: a, key: abcdefghijklmnoq}",
      "auth.keys[1].name: a second key is named a",
    ],
    [
      "{name: a, key: abcdefghijklmnop}, {name: b, key: abcdefghijklmnop}",
      "auth.keys[1].key: is the same as the key of a",
    ],
  ])("%s is a problem", (keys, problem) => {
    expect(fixture.problemsOf(`${PLAIN}auth: {keys: [${keys}]}`)).toEqual([
      expect.stringContaining(`config.yml:2: ${problem};`),
    ]);
  });
});
