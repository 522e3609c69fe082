import type { Command } from "commander";
import { readExitCode, type CliIo } from "../../src/cli/output.ts";

export interface CliRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** Standard input, or the answers to questions by their text. */
export type CliTyping = string | Readonly<Record<string, string>>;

function createInput(typing: CliTyping): CliIo["input"] {
  return {
    isTty: typeof typing !== "string",
    read: async () => (typeof typing === "string" ? typing : ""),
    async ask(question) {
      const answer = typeof typing === "string" ? undefined : typing[question];
      if (answer === undefined) throw new Error(`nobody expected the question ${JSON.stringify(question)}`);
      return answer;
    },
  };
}

/** Runs a command in this process and returns its output. */
export async function runCli(
  build: (io: CliIo) => Command,
  args: readonly string[],
  env: CliIo["env"] = {},
  typing: CliTyping = "",
): Promise<CliRun> {
  const run: { stdout: string; stderr: string; exitCode: number | undefined } = {
    stdout: "",
    stderr: "",
    exitCode: undefined,
  };
  const io: CliIo = {
    stdout: { write: (text) => (run.stdout += text) },
    stderr: { write: (text) => (run.stderr += text) },
    env,
    input: createInput(typing),
    isTty: false,
    setExitCode: (code) => (run.exitCode = code),
  };
  try {
    await build(io).parseAsync(args, { from: "user" });
  } catch (error) {
    run.exitCode = readExitCode(error);
    if (run.exitCode === undefined) throw error;
  }
  return run;
}
