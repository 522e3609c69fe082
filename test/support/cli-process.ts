import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface CliEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line in a separate process, as a person or a supervisor runs it. */
export interface CliProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly end: Promise<CliEnd>;
  /** Resolves with the first match in its past or future standard output. Rejects if it exits without one. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
}

export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  main: string = MAIN,
): CliProcess {
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...stateDirectoryOf(args), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const end = once(child, "close").then(() => ({ code: child.exitCode, ...output }));
  return {
    child,
    end,
    async waitFor(pattern) {
      for (;;) {
        const match = pattern.exec(output.stdout);
        if (match !== null) return match;
        const ended = await Promise.race([once(child.stdout, "data").then(() => undefined), end]);
        if (ended !== undefined && !pattern.test(output.stdout)) {
          throw new Error(`ended with ${ended.code} before ${pattern}:\n${ended.stdout}\n${ended.stderr}`);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await end;
    },
  };
}

/** Keeps the store beside the configuration, as systemd would give the service a folder of its own. */
function stateDirectoryOf(args: readonly string[]): { readonly STATE_DIRECTORY?: string } {
  const file = args[args.indexOf("--config") + 1];
  return args.includes("--config") && file !== undefined ? { STATE_DIRECTORY: resolve(dirname(file)) } : {};
}

export function runCli(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliEnd> {
  return startCli(args, env).end;
}
