import { write } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

export interface LogSink extends AsyncDisposable {
  write(line: string): void;
}

export interface LogSinkDeps {
  /** File descriptor; 1 is standard output. */
  readonly fd: number;
  readonly maxBufferedBytes?: number;
  /** Other processes write to the same descriptor, so lines must not be split by theirs. */
  readonly isShared?: boolean;
  /** Called with the number of lines dropped because the reader is blocked or the disk is full. */
  readonly onDropped?: (lines: number) => void;
  /** How long disposal waits for buffered lines. */
  readonly flushTimeoutMs?: number;
}

/** Lines of this time are written together: each write is handed to another thread, which costs more than the lines. */
const GATHER_MS = 10;
/** Enough for a write of its own. */
const GATHER_BYTES = 64 * 1024;
const BUSY_MS = 20;
/** `PIPE_BUF` of Linux: a single write to a pipe of at most this size is atomic. */
const MAX_WHOLE_BYTES = 4096;

/**
 * Writes lines without ever making a push wait. `process.stdout` blocks the process while a pipe is full, and pino's
 * own destination waits forever at exit for a disk that stays full. This sink limits its buffer instead; it drops and
 * counts lines beyond the limit.
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
  let gathering: NodeJS.Timeout | undefined;
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

  const startFlush = (): void => {
    clearTimeout(gathering);
    gathering = undefined;
    flushing ??= flush();
  };

  return {
    write(line) {
      if (bufferedBytes + line.length > maxBufferedBytes) {
        onDropped(1);
        return;
      }
      buffered.push(line);
      bufferedBytes += line.length;
      if (flushing !== undefined) return;
      if (bufferedBytes >= GATHER_BYTES) startFlush();
      else gathering ??= setTimeout(startFlush, GATHER_MS);
    },
    async [Symbol.asyncDispose]() {
      startFlush();
      const giveUp = new AbortController();
      const timeout = wait(flushTimeoutMs, undefined, { signal: giveUp.signal }).catch(() => {});
      await Promise.race([flushing, timeout]);
      giveUp.abort();
    },
  };
}

/** Groups lines into pieces that a pipe takes atomically. A longer line is a piece of its own. */
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

/** Returns the number of bytes that could not be written. */
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
