import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

export const PROJECT = join(import.meta.dirname, "..");
const BIN = join(PROJECT, "node_modules/.bin");

export interface StepEnd {
  readonly passed: boolean;
  readonly output: string;
  readonly seconds: number;
}

/** Runs one of the project's tools in the project's root, with the PATH that npm would set. */
export function runStep(command: readonly [program: string, ...args: string[]]): Promise<StepEnd> {
  const [program, ...args] = command;
  const startedAt = performance.now();
  const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env["PATH"] ?? ""}`, NO_COLOR: "1" };
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: PROJECT, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: string) => {
      output += chunk;
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    const end = (passed: boolean) => resolve({ passed, output, seconds: (performance.now() - startedAt) / 1000 });
    child.on("error", (error) => {
      output += `${program} could not be started: ${error.message}. Run "npm ci" first.\n`;
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}
