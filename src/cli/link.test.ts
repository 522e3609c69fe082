import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCli, type CliTyping } from "../../test/fixtures/cli-run.ts";
import { buildLinkCommand } from "./link.ts";

const LINE = "username=testuser&server=example.org&password=testpass";
const LINK = "CI8VN8toaE40w8E4OH2rAuFj3Qev9QdLI/Wv/VaBCVK2yNkBZjxE9eafXkkrQfmYdeu01PquS5P40zhUq8Mfjg==";

const directory = mkdtempSync(join(tmpdir(), "sip-pushd-link-"));
afterAll(() => rmSync(directory, { recursive: true }));

function configFile(launcher: string): string {
  const file = join(directory, "config.yml");
  writeFileSync(file, `listen: [{port: 8080}]\n${launcher}`);
  return file;
}

const BRAND = configFile(`launcher:
  url: https://push.example.org/p
  domains: [{domain: brand.example, scheme: brandphone, key: 0123456789abcdef, url: "https://brand.example/go"}]
`);

function link(typing: CliTyping, ...args: string[]) {
  // The configuration names no store: its default folder may be missing on this machine.
  return runCli(buildLinkCommand, args, { STATE_DIRECTORY: directory }, typing);
}

describe("link encode", () => {
  it("prints the link plain, escaped and as the app's address, and warns of the standard key", async () => {
    const run = await link(`${LINE}\n`, "encode");

    expect(run.stdout.split("\n")).toEqual([LINK, encodeURIComponent(LINK), `sipphone://${LINK}`, ""]);
    expect(run.stderr).toContain("everybody can read such a link");
    expect(run.exitCode).toBe(0);
  });

  it("asks at a terminal, and never shows the password", async () => {
    const answers = { "User name: ": "testuser", "Server (SIP domain): ": "example.org", "Password: ": "testpass" };

    const run = await link(answers, "encode", "--json");

    expect(JSON.parse(run.stdout)).toEqual({
      link: LINK,
      escaped: encodeURIComponent(LINK),
      app_url: `sipphone://${LINK}`,
    });
    expect(run.stdout + run.stderr).not.toContain("testpass");
  });

  it("takes key, scheme and address of the domain's own app from the configuration", async () => {
    const run = await link(LINE.replace("example.org", "brand.example"), "encode", "--json", "--config", BRAND);
    const made = JSON.parse(run.stdout);

    expect(made.app_url).toBe(`brandphone://${made.link}`);
    expect(made.url).toBe(`https://brand.example/go?c=${made.escaped}`);
    expect(made.link).not.toBe(LINK);
    expect((await link(made.url, "decode", "--config", BRAND)).stdout).toContain("server=brand.example");
  });

  it("draws a QR code, and writes one that only its owner can read", async () => {
    const png = join(directory, "link.png");

    const run = await link(LINE, "encode", "--qr", "--png", png, "--url", "https://push.example.org/p");

    expect(run.stdout).toContain(`https://push.example.org/p?c=${encodeURIComponent(LINK)}\n`);
    expect(run.stdout).toMatch(/█▀▀▀▀▀█.*█▀▀▀▀▀█/);
    expect(readFileSync(png).subarray(1, 4).toString()).toBe("PNG");
    expect(statSync(png).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["a value with &", "username=a&b&server=example.org&password=x", "holds no credentials that could stand in a link"],
    ["nothing", "", "holds no credentials"],
    ["another form", '{"username":"a"}', "holds no credentials"],
    ["two lines", `${LINE}\n${LINE}\n`, "holds no credentials"],
  ])("refuses %s on standard input", async (_what, typed, message) => {
    const run = await link(typed, "encode");

    expect(run).toMatchObject({ stdout: "", exitCode: 2 });
    expect(run.stderr).toContain(message);
  });

  it("says which of the answers cannot stand in a link", async () => {
    const answers = { "User name: ": "testuser", "Server (SIP domain): ": "example.org", "Password: ": "a&b" };

    const run = await link(answers, "encode");

    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("The password contains &, which the link's form has no way to write.");
  });

  it("takes no credentials from the command line", async () => {
    const run = await link("", "encode", LINE);

    expect(run).toMatchObject({ stdout: "", exitCode: 2 });
  });

  it.each(["ftp://a/p", "nonsense", "https://a/p?x=1"])("refuses %s as the launch handler's address", async (url) => {
    const run = await link(LINE, "encode", "--url", url);

    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("--url is not the address of a launch handler");
  });

  it("says so where the configuration has no launcher", async () => {
    const run = await link(LINE, "encode", "--config", configFile(""));

    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("has no launcher: section");
  });
});

describe("link decode", () => {
  it.each([
    ["the Base64", LINK],
    ["escaped Base64", encodeURIComponent(LINK)],
    ["the app's address", `sipphone://${LINK}`],
    ["the launch handler's address", `https://push.example.org/p?x=1&c=${encodeURIComponent(LINK)}&y=2`],
  ])("reads %s", async (_what, typed) => {
    const run = await link(`${typed}\n`, "decode");

    expect(run.stdout).toBe(`${LINE}\n`);
    expect(run.exitCode).toBe(0);
  });

  it("prints JSON", async () => {
    const run = await link(LINK, "decode", "--json");

    expect(JSON.parse(run.stdout)).toEqual({ username: "testuser", server: "example.org", password: "testpass" });
  });

  it.each(["", "nonsense", LINK.slice(0, 40), `${LINK}%`])("refuses %j", async (typed) => {
    const run = await link(typed, "decode");

    expect(run).toMatchObject({ stdout: "", exitCode: 2 });
    expect(run.stderr).toContain("The link is incomplete, or it was made with another key.");
  });
});
