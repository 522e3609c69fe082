import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createLogSink } from "./log-sink.ts";

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "log-sink-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

function openFile(path: string, flags: string | number): number {
  const fd = openSync(path, flags);
  onTestFinished(() => closeSync(fd));
  return fd;
}

/** A pipe without a reader: its write end returns EAGAIN once it is full. */
function openBlockedPipe(): { fd: number; readEnd: number } {
  const path = join(temporaryDirectory(), "pipe");
  execFileSync("mkfifo", [path]);
  const readEnd = openFile(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { readEnd, fd: openFile(path, constants.O_WRONLY | constants.O_NONBLOCK) };
}

it("has written every line, in order, once it is disposed of", async () => {
  const path = join(temporaryDirectory(), "log");
  const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index} ü\n`);
  {
    await using sink = createLogSink({ fd: openFile(path, "w") });
    for (const [index, line] of lines.entries()) {
      sink.write(line);
      if (index % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  expect(readFileSync(path, "utf8")).toBe(lines.join(""));
});

it("lets no line of another process come in between the halves of one of its own", async () => {
  const { fd, readEnd } = openBlockedPipe();
  // In production there is one sink per process; for the pipe this is the same.
  const sinks = [createLogSink({ fd, isShared: true }), createLogSink({ fd, isShared: true })];
  const lines = sinks.flatMap((_, sink) =>
    Array.from({ length: 400 }, (__, line) => `${sink}-${line} ${"ü".repeat(200)}`),
  );

  for (const line of lines) sinks[Number(line[0])]?.write(`${line}\n`);
  const text = await readBytes(readEnd, Buffer.byteLength(lines.join("\n")) + 1);

  expect(text.trimEnd().split("\n").toSorted()).toEqual(lines.toSorted());
  await Promise.all(sinks.map((sink) => sink[Symbol.asyncDispose]()));
});

/** Reads slowly, so that the writers find the pipe full again and again. */
async function readBytes(fd: number, length: number): Promise<string> {
  const chunks: Buffer[] = [];
  for (let missing = length; missing > 0;) {
    const chunk = Buffer.alloc(Math.min(missing, 3_000));
    const read = readSome(fd, chunk);
    await new Promise((resolve) => setImmediate(resolve));
    chunks.push(chunk.subarray(0, read));
    missing -= read;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Returns 0 if the pipe is empty. */
function readSome(fd: number, into: Buffer): number {
  try {
    return readSync(fd, into);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}

it("drops and counts lines instead of growing while nobody reads them", async () => {
  const { fd } = openBlockedPipe();
  let dropped = 0;
  const sink = createLogSink({
    fd,
    maxBufferedBytes: 100_000,
    flushTimeoutMs: 50,
    onDropped: (lines) => {
      dropped += lines;
    },
  });
  const line = `${"x".repeat(999)}\n`;

  // The sink begins to write at 64 KiB, which are 66 lines, and has room for 100 more.
  for (let index = 0; index < 400; index += 1) sink.write(line);
  await sink[Symbol.asyncDispose]();

  expect(dropped).toBe(400 - 66 - 100);
});

it("counts the lines that a full disk refuses, and does not wait for it at the end", async () => {
  let dropped = 0;
  {
    await using sink = createLogSink({
      fd: openFile("/dev/full", "w"),
      onDropped: (lines) => {
        dropped += lines;
      },
    });
    sink.write("one\n");
    sink.write("two\n");
  }

  expect(dropped).toBe(2);
});
