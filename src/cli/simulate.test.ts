import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { isRegistrationToken } from "../simulator/registration-token.ts";
import { startSimulator } from "../simulator/simulator.ts";
import { buildSimulateCommand } from "./simulate.ts";
import { runCli } from "../../test/fixtures/cli-run.ts";

it("helps with a token that the simulator takes", async () => {
  const { stdout } = await runCli(buildSimulateCommand, ["--help"]);

  const [, script = ""] = /--token "\$\((.+)\)"/.exec(stdout) ?? [];
  const token = execFileSync("sh", ["-c", script], { encoding: "utf8" });

  expect(isRegistrationToken(token)).toBe(true);
});

it("says which port is taken, and how to choose another", async () => {
  await using simulator = await startSimulator();
  const taken = Number(new URL(simulator.apns.production).port);

  const { stdout, stderr, exitCode } = await runCli(buildSimulateCommand, ["--port", String(taken - 1)]);

  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(`The simulator cannot listen on port ${taken}: another program uses it`);
  expect(stderr).toContain(`It needs four ports, ${taken - 1} to ${taken + 2}.`);
  expect(stderr).toContain("--port");
  expect(stderr).not.toContain("fault of the command");
});
