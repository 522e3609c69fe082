import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { isRegistrationToken } from "../simulator/registration-token.ts";
import { buildSimulateCommand } from "./simulate.ts";
import { runCli } from "../../test/support/cli-run.ts";

it("helps with a token that the simulator takes", async () => {
  const { stdout } = await runCli(buildSimulateCommand, ["--help"]);

  const [, script = ""] = /--token "\$\((.+)\)"/.exec(stdout) ?? [];
  const token = execFileSync("sh", ["-c", script], { encoding: "utf8" });

  expect(isRegistrationToken(token)).toBe(true);
});
