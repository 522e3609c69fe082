import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "../simulator/simulator.ts";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { buildConfigCommand } from "./config.ts";
import { writeSimulatedSetup } from "../demo/simulated-setup.ts";

describe("sip-pushd config", () => {
  let simulator: Simulator;
  let directory: string;
  let file: string;

  beforeAll(async () => {
    simulator = await startSimulator();
    directory = await mkdtemp(join(tmpdir(), "sip-pushd-config-"));
    file = await writeSimulatedSetup(simulator, directory, { tls: 45_060, plain: 45_059 });
  });

  afterAll(async () => {
    await simulator[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it("check says that a configuration can be used, and what it means", async () => {
    const { exitCode, stdout } = await runCli(buildConfigCommand, ["check", file]);

    expect(exitCode).toBe(0);
    expect(stdout).toContain("usable");
    expect(stdout).toContain("https://localhost:45060, no key needed");
    expect(stdout).toMatch(/APNs by certificate: org\.example\.phone at .*; calls and messages/);
    expect(stdout).toMatch(/apns-cert\.pem expires on \d{4}-\d\d-\d\d/);
    expect(stdout).toContain("FCM by service account");
    expect(stdout).toContain("CallKit needs apns");
    expect(stdout).not.toContain("hint:");
  });

  it("check hints at messages that a sleeping phone shows late, as NGCP's files have them", async () => {
    const slow = join(directory, "slow.yml");
    const text = await readFile(file, "utf8");
    await writeFile(slow, text.replace(/^fcm:\n/m, "fcm:\n  priority: {message: normal}\n"));

    const { stdout } = await runCli(buildConfigCommand, ["check", slow]);

    expect(stdout).toMatch(/hint: the priority of message is normal/);
  });

  it("check says how many processes there will be", async () => {
    const several = join(directory, "several.yml");
    await writeFile(several, `processes: 4\n${await readFile(file, "utf8")}`);

    const { stdout } = await runCli(buildConfigCommand, ["check", several]);

    expect(stdout).toContain("runs 4 worker processes");
  });

  it("check lists all problems and ends with 78", async () => {
    const broken = join(directory, "broken.yml");
    await writeFile(broken, "port: x\nlisten: 7\n");

    const { exitCode, stderr } = await runCli(buildConfigCommand, ["check", broken]);

    expect(exitCode).toBe(78);
    expect(stderr).toMatch(/broken\.yml:1: port/);
    expect(stderr).toMatch(/broken\.yml:2: listen/);
  });

  it("check prints its findings as JSON for scripts", async () => {
    const broken = join(directory, "broken.yml");
    await writeFile(broken, "port: x\n");

    const { exitCode, stdout, stderr } = await runCli(buildConfigCommand, ["check", "--json", broken]);

    expect(exitCode).toBe(78);
    expect(stderr).toBe("");
    const { usable, problems } = JSON.parse(stdout);
    expect(usable).toBe(false);
    expect(problems).toContainEqual(expect.objectContaining({ key: "port", line: 1, severity: "error" }));
  });

  it("schema prints a JSON Schema", async () => {
    const { stdout } = await runCli(buildConfigCommand, ["schema"]);

    expect(JSON.parse(stdout)).toMatchObject({ $schema: expect.stringContaining("json-schema.org") });
  });
});
