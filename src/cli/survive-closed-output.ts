import type { Writable } from "node:stream";
import { EXIT_CODES } from "./output.ts";

export interface OutputEnd {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly setExitCode: (code: number) => void;
}

/**
 * A reader that has seen enough, such as `head` or a pager, closes its end of the pipe. That is not a failure: the rest
 * is dropped and the exit code stays. Any other error, such as a full disk, means that the result was not written.
 */
export function surviveClosedOutput({ stdout, stderr, setExitCode }: OutputEnd): void {
  let isReported = false;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || isReported) return;
    isReported = true;
    setExitCode(EXIT_CODES.unusable);
    stderr.write(`sip-pushd: could not write the output: ${error.message}\n`);
  });
  stderr.on("error", () => undefined);
}
