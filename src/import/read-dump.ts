import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { OperatorError } from "../push/operator-error.ts";
import { readCsv } from "./csv-dump.ts";
import { UnreadableDumpError, type DumpRow } from "./dump-tables.ts";
import { readSql } from "./sql-dump.ts";

const PIECE_BYTES = 256 * 1024;

/** Yields the rows of a dump in batches. `onRead` is called with the number of bytes read from the file. */
export async function* readDump(file: string, onRead: (bytes: number) => void): AsyncGenerator<readonly DumpRow[]> {
  try {
    const start = await readStart(file);
    const text = readText(file, start, onRead);
    const first = await text.next();
    if (first.done === true) throw new UnreadableDumpError("it is empty");
    const pieces = startWith(first.value, text);
    yield* isSql(first.value) ? readSql(pieces) : readCsv(pieces);
  } catch (error) {
    throw explain(file, error);
  }
}

/** `start`: the first bytes, which show whether the file is compressed. */
async function* readText(file: string, start: Buffer, onRead: (bytes: number) => void): AsyncGenerator<string> {
  const isPacked = start.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]));
  const source = createReadStream(file, { highWaterMark: PIECE_BYTES });
  const unpacked = createGunzip();
  if (isPacked) source.once("error", (error) => unpacked.destroy(error));
  const pieces: AsyncIterable<Buffer> = isPacked ? source.pipe(unpacked) : source;
  const decoder = new TextDecoder("utf-8");
  for await (const piece of pieces) {
    onRead(source.bytesRead);
    yield decoder.decode(piece, { stream: true });
  }
}

async function* startWith(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

async function readStart(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
  return buffer.subarray(0, bytesRead);
}

/** No CSV header line contains these. */
function isSql(text: string): boolean {
  return /^\s*(?:--|#|\/\*|(?:CREATE|INSERT|REPLACE|SET|USE|DROP|LOCK|START|BEGIN)\s)/i.test(text);
}

function explain(file: string, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const code = error instanceof UnreadableDumpError ? error.code : "unreadable_file";
  return new OperatorError(code, `${file} cannot be read: ${why}`, {
    mend: "Known are dumps of mysqldump, and CSV with a header line; packed with gzip or not.",
    cause: error,
  });
}
