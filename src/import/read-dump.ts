import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { OperatorError } from "../push/operator-error.ts";
import { createCsvParser } from "./csv-dump.ts";
import { UnreadableDumpError, type DumpParser, type DumpRow } from "./dump-tables.ts";
import { SqlParser } from "./sql-dump.ts";

const PIECE_BYTES = 256 * 1024;

/** The rows of a dump, piece by piece; `onRead` is told how many bytes of the file have been read. */
export async function* readDump(file: string, onRead: (bytes: number) => void): AsyncGenerator<readonly DumpRow[]> {
  const start = await readStart(file);
  const isPacked = start.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]));
  const source = createReadStream(file, { highWaterMark: PIECE_BYTES });
  const pieces: AsyncIterable<Buffer> = isPacked ? source.pipe(createGunzip()) : source;
  const decoder = new TextDecoder("utf-8");
  let parser: DumpParser | undefined;
  try {
    for await (const piece of pieces) {
      onRead(source.bytesRead);
      const text = decoder.decode(piece, { stream: true });
      parser ??= isSql(text) ? new SqlParser() : createCsvParser();
      yield parser.push(text);
    }
    if (parser === undefined) throw new UnreadableDumpError("it is empty");
    yield parser.end();
  } catch (error) {
    throw explain(file, error);
  }
}

async function readStart(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw explain(file, error);
  }
}

/** A header line of CSV has none of these. */
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
