import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CliError, type CliInput, type TextOut } from "./output.ts";

export interface TerminalInputDeps {
  /** `process.stdin`, which is not accessed before something is read. */
  readonly stdin: () => NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Where questions are written, so that standard output contains only results. */
  readonly stderr: TextOut;
}

const LONGEST_INPUT_BYTES = 1024 * 1024;

export function createTerminalInput({ stdin, stderr }: TerminalInputDeps): CliInput {
  return {
    get isTty() {
      return stdin().isTTY ?? false;
    },
    async read() {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of stdin()) {
        const bytes = Buffer.from(chunk);
        size += bytes.length;
        if (size > LONGEST_INPUT_BYTES) throw new CliError("input_too_long", "Standard input is too long.");
        chunks.push(bytes);
      }
      return Buffer.concat(chunks).toString("utf8");
    },
    ask: (question, { secret = false } = {}) => ask(stdin(), stderr, question, secret),
  };
}

/** Reads one line from a person. readline's echo of a secret is discarded. */
function ask(input: NodeJS.ReadableStream, stderr: TextOut, question: string, secret: boolean): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let isMuted = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isMuted) stderr.write(chunk.toString("utf8"));
      done();
    },
  });
  const lines = createInterface({ input, output, terminal: true, historySize: 0 });
  lines.once("SIGINT", () => lines.close());
  lines.once("close", () => reject(new CliError("cancelled", "Cancelled.")));
  lines.question(question, (answer) => {
    resolve(answer);
    lines.close();
    if (secret) stderr.write("\n");
  });
  isMuted = secret;
  return promise;
}
