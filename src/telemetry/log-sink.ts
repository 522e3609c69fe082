import { write } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

export interface LogSink extends AsyncDisposable {
  write(line: string): void;
}

export interface LogSinkDeps {
  /** 1 is standard output. */
  readonly fd: number;
  readonly maxBufferedBytes?: number;
  /** Other processes write there, too: no line of theirs may come in between the halves of one of ours. */
  readonly isShared?: boolean;
  /** Lines that nobody will read, because the reader stands still or the disk is full. */
  readonly onDropped?: (lines: number) => void;
  /** How long disposal waits for what is buffered. */
  readonly flushTimeoutMs?: number;
}

const BUSY_MS = 20;
/** `PIPE_BUF` of Linux: what is written to a pipe in one piece up to this size is written whole. */
const MAX_WHOLE_BYTES = 4096;

/**
 * Writes lines without ever making a push wait for them: `process.stdout` blocks the process while a pipe is full, and
 * pino's own destination waits forever at exit for a disk that stays full. Here the buffer has a bound, and lines beyond it are
 * dropped and counted.
 */
export function createLogSink(deps: LogSinkDeps): LogSink {
  const {
    fd,
    maxBufferedBytes = 8 * 1024 * 1024,
    isShared = false,
    onDropped = () => {},
    flushTimeoutMs = 1000,
  } = deps;
  let buffered: string[] = [];
  let bufferedBytes = 0;
  let flushing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    while (buffered.length > 0) {
      const lines = buffered;
      buffered = [];
      bufferedBytes = 0;
      for (const piece of isShared ? splitLines(lines) : [lines]) {
        const unwritten = await writeAll(fd, Buffer.from(piece.join("")));
        if (unwritten > 0) onDropped(piece.length);
      }
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

/** Pieces that are written whole; a line that is longer is one by itself. */
function splitLines(lines: readonly string[]): string[][] {
  const pieces: string[][] = [];
  let room = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line);
    if (bytes > room) {
      pieces.push([]);
      room = MAX_WHOLE_BYTES;
    }
    pieces.at(-1)?.push(line);
    room -= bytes;
  }
  return pieces;
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
