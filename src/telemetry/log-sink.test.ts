import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
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

/** A pipe that nobody reads: its write end answers EAGAIN once it is full. */
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

  for (let index = 0; index < 100; index += 1) sink.write(line);
  await new Promise((resolve) => setImmediate(resolve));
  for (let index = 0; index < 300; index += 1) sink.write(line);
  await sink[Symbol.asyncDispose]();

  expect(dropped).toBe(200);
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
