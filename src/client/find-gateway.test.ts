import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCredentialFiles, type CredentialFiles } from "../../test/fixtures/credential-files.ts";
import { startFakeGateway } from "../../test/fixtures/fake-gateway.ts";
import type { Config, ListenerConfig } from "../config/config.ts";
import { findGateway, readListener } from "./find-gateway.ts";
import { createGatewayClient } from "./gateway-client.ts";

let files: CredentialFiles;

beforeEach(() => {
  files = createCredentialFiles();
});

afterEach(() => {
  files[Symbol.dispose]();
});

describe("findGateway", () => {
  it("asks the plain listener of this machine where nobody says anything", async () => {
    const { url, ca, key } = await findGateway({}, {});

    expect([url.href, ca, key]).toEqual(["http://127.0.0.1:45059/", undefined, undefined]);
  });

  it("takes address, certificate and key from the environment", async () => {
    const env = {
      SIP_PUSHD_URL: "https://push.example.org:45060",
      SIP_PUSHD_CA: files.write("ca.pem", "PEM"),
      SIP_PUSHD_CLIENT_KEY: "key-of-environment",
    };

    const { url, ca, key } = await findGateway({}, env);

    expect([url.href, ca, key]).toEqual(["https://push.example.org:45060/", "PEM", "key-of-environment"]);
  });

  it("gives an option the last word, and takes an empty variable for none", async () => {
    const options = { url: "http://127.0.0.1:1", keyFile: files.write("key", "key-of-file\n") };
    const env = { SIP_PUSHD_URL: "http://127.0.0.1:2", SIP_PUSHD_CLIENT_KEY: "key-of-environment", SIP_PUSHD_CA: "" };

    const { url, ca, key } = await findGateway(options, env);

    expect([url.port, ca, key]).toEqual(["1", undefined, "key-of-file"]);
  });

  it("takes the key out of an address, and names the address without it", async () => {
    const { key } = await findGateway({ url: "https://any:s%21cret@push.example.org" }, {});

    expect(key).toBe("s!cret");
    await expect(findGateway({ url: "htps://any:s3cret@x" }, {})).rejects.toThrow("htps://any:…@x");
  });

  it("reads the proxies of the environment", async () => {
    const env = { https_proxy: "", HTTPS_PROXY: "http://proxy.example.org:3128", no_proxy: "example.com" };

    expect((await findGateway({}, env)).proxies).toEqual({
      https: "http://proxy.example.org:3128",
      no: "example.com",
    });
    expect((await findGateway({}, {})).proxies).toBeUndefined();
  });

  it.each(["localhost:45060", "ftp://x", ""])("refuses %o as an address and says how to write one", async (url) => {
    await expect(findGateway({ url }, {})).rejects.toMatchObject({
      code: "bad_url",
      mend: expect.stringContaining("https://push.example.org:45060"),
    });
  });

  it("names the file that cannot be read", async () => {
    await expect(findGateway({ ca: "/nowhere/ca.pem" }, {})).rejects.toThrow("/nowhere/ca.pem");
    await expect(findGateway({ keyFile: files.write("key", "two words") }, {})).rejects.toThrow("no API key");
  });

  it("reads address and key from the gateway's own configuration", async () => {
    const config = files.write(
      "config.yml",
      `listen:
  - {host: 0.0.0.0, port: 8060, ssl: no, plain_http: yes}
auth: {keys: [{name: proxy, key: 0123456789abcdef}]}
store: {path: ${files.path("db")}}
`,
    );

    const { url, key, source } = await findGateway({ config }, { SIP_PUSHD_URL: "http://127.0.0.1:2" });

    expect([url.href, key, source]).toEqual(["http://127.0.0.1:8060/", "0123456789abcdef", `read from ${config}`]);
  });

  it("says what is wrong with a configuration that cannot be used", async () => {
    const config = files.write("config.yml", "prot: 1\n");

    await expect(findGateway({ config }, {})).rejects.toMatchObject({
      message: expect.stringContaining(`${config}:1: prot`),
      mend: expect.stringContaining(`sip-pushd config check ${config}`),
    });
  });
});

describe("readListener", () => {
  const plain: ListenerConfig = { host: "127.0.0.1", port: 1, loopback: true };

  it("prefers loopback without TLS, then loopback, then TLS, and shows the first key where one is needed", () => {
    const tls = tlsOf("push.example.org");
    const secure: ListenerConfig = { host: "localhost", port: 2, loopback: true, tls };
    const open: ListenerConfig = { host: "::", port: 3, loopback: false, tls };
    const bare: ListenerConfig = { host: "192.0.2.1", port: 4, loopback: false };
    const read = (...listeners: ListenerConfig[]) => {
      const { url, key } = readListener(configWith(listeners), "config.yml");
      return [url.href, key];
    };

    expect(read(bare, open, secure, plain)).toEqual(["http://127.0.0.1:1/", undefined]);
    expect(read(bare, open, secure)).toEqual(["https://localhost:2/", undefined]);
    expect(read(bare, open)).toEqual(["https://[::1]:3/", "first-key"]);
    expect(read(bare)).toEqual(["http://192.0.2.1:4/", "first-key"]);
  });

  it("verifies the gateway's own certificate, whatever name it bears, and no other one", async () => {
    const tls = tlsOf("push.example.org");
    await using gateway = await startFakeGateway({ tls });
    gateway.answer("GET /v1/thing", { body: { it: 1 } });
    await using impostor = await startFakeGateway({ tls: tlsOf("push.example.org") });
    const ask = (url: string) => {
      const port = Number(new URL(url).port);
      const address = readListener(configWith([{ host: "0.0.0.0", port, loopback: false, tls }]), "config.yml");
      return createGatewayClient(address).request<{ it: number }>({ method: "GET", path: "/v1/thing" }, "it");
    };

    expect(await ask(gateway.url)).toEqual({ it: 1 });
    await expect(ask(impostor.url)).rejects.toThrow(/certificate/);
    expect(impostor.seen).toEqual([]);
  });

  it("says so where the gateway does not run, or its port is not known", () => {
    expect(() => readListener({ ...configWith([plain]), enabled: false }, "c.yml")).toThrow("c.yml says that");
    expect(() => readListener(configWith([{ ...plain, port: 0 }]), "c.yml")).toThrow("port: 0");
  });

  function tlsOf(cn: string) {
    files.certificate("server", { cn });
    const [certificateFile, keyFile] = [files.path("server.pem"), files.path("server-key.pem")];
    return {
      certificate: files.read("server.pem"),
      key: files.read("server-key.pem"),
      certificateFile,
      keyFile,
    };
  }
});

function configWith(listeners: readonly ListenerConfig[]): Config {
  const keys = [
    { name: "proxy", key: "first-key" },
    { name: "chat", key: "second-key" },
  ];
  return { enabled: true, listeners, auth: { keys } } as unknown as Config;
}
