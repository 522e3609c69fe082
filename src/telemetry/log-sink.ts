import { write } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

export interface LogSink extends AsyncDisposable {
  write(line: string): void;
}

export interface LogSinkDeps {
  /** 1 is standard output. */
  readonly fd: number;
  readonly maxBufferedBytes?: number;
  /** Lines that nobody will read, because the reader stands still or the disk is full. */
  readonly onDropped?: (lines: number) => void;
  /** How long disposal waits for what is buffered. */
  readonly flushTimeoutMs?: number;
}

const BUSY_MS = 20;

/**
 * Writes lines without ever making a push wait for them: `process.stdout` blocks the process while a pipe is full, and
 * pino's own destination waits forever at exit for a disk that stays full. Here the buffer has a bound, and lines beyond it are
 * dropped and counted.
 */
export function createLogSink(deps: LogSinkDeps): LogSink {
  const { fd, maxBufferedBytes = 8 * 1024 * 1024, onDropped = () => {}, flushTimeoutMs = 1000 } = deps;
  let buffered: string[] = [];
  let bufferedBytes = 0;
  let flushing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    while (buffered.length > 0) {
      const lines = buffered;
      buffered = [];
      bufferedBytes = 0;
      const unwritten = await writeAll(fd, Buffer.from(lines.join("")));
      if (unwritten > 0) onDropped(lines.length);
    }
    flushing = undefined;
  };

  return {
    write(line) {
      if (bufferedBytes + line.length > maxBufferedBytes) {
        onDropped(1);
        return;
      }
      buffered.push(line);
      bufferedBytes += line.length;
      // In a microtask, so that the lines of one turn go out together.
      flushing ??= Promise.resolve().then(flush);
    },
    async [Symbol.asyncDispose]() {
      const giveUp = new AbortController();
      const timeout = wait(flushTimeoutMs, undefined, { signal: giveUp.signal }).catch(() => {});
      await Promise.race([flushing, timeout]);
      giveUp.abort();
    },
  };
}

/** Answers how many bytes could not be written. */
async function writeAll(fd: number, bytes: Buffer): Promise<number> {
  let rest = bytes;
  while (rest.length > 0) {
    const written = await writeSome(fd, rest);
    if (written === "busy") await wait(BUSY_MS, undefined, { ref: false });
    else if (written === "failed") return rest.length;
    else rest = rest.subarray(written);
  }
  return 0;
}

function writeSome(fd: number, bytes: Buffer): Promise<number | "busy" | "failed"> {
  return new Promise((resolve) => {
    write(fd, bytes, (error, written) => {
      if (error === null) resolve(written);
      else resolve(error.code === "EAGAIN" || error.code === "EBUSY" ? "busy" : "failed");
    });
  });
}
