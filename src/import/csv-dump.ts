import { Readable } from "node:stream";
import { CsvError, parse, type CastingContext } from "csv-parse";
import { locateColumns, recogniseTable, UnreadableDumpError, type DumpRow, type DumpTable } from "./dump-tables.ts";

interface Header {
  readonly table: DumpTable;
  readonly places: readonly number[];
}

type CsvRecord = readonly (string | null)[];

const LONGEST_RECORD = 1024 * 1024;
/** Rows per batch: one at a time would cost more than the parsing. */
const BATCH = 512;

/**
 * Reads CSV (RFC 4180) or the output of `mysql --batch`. The header line identifies the table; the delimiter is the one
 * that occurs most often in it. Throws an UnreadableDumpError.
 */
export async function* readCsv(pieces: AsyncIterable<string>): AsyncGenerator<readonly DumpRow[]> {
  const { delimiter, text } = await peekDelimiter(pieces);
  const parser = parse({
    bom: true,
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
    cast: (value, { quoting }: CastingContext) => (quoting ? value : readBare(value, delimiter === "\t")),
  });
  const source = Readable.from(text);
  source.once("error", (error) => parser.destroy(error));
  let header: Header | undefined;
  let rows: DumpRow[] = [];
  try {
    for await (const record of source.pipe(parser) as AsyncIterable<CsvRecord>) {
      if (header === undefined) {
        header = readHeader(record);
        continue;
      }
      const { table, places } = header;
      rows.push({ table, values: places.map((place) => record[place] ?? null) });
      if (rows.length < BATCH) continue;
      yield rows;
      rows = [];
    }
  } catch (error) {
    throw explain(error);
  }
  yield rows;
}

/** Holds text back until the first line is complete. */
async function peekDelimiter(
  pieces: AsyncIterable<string>,
): Promise<{ readonly delimiter: string; readonly text: AsyncIterable<string> }> {
  const iterator = pieces[Symbol.asyncIterator]();
  let head = "";
  while (!head.includes("\n") && head.length < LONGEST_RECORD) {
    const next = await iterator.next();
    if (next.done === true) break;
    head += next.value;
  }
  async function* readOn(): AsyncGenerator<string> {
    yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  }
  return { delimiter: findDelimiter(head.split("\n", 1)[0] ?? ""), text: readOn() };
}

function findDelimiter(header: string): string {
  const [best = ","] = [",", "\t", ";"].toSorted((a, b) => header.split(b).length - header.split(a).length);
  return best;
}

function readHeader(record: CsvRecord): Header {
  const columns = record.map((name) => (name ?? "").trim().toLowerCase());
  const table = recogniseTable(columns);
  if (table !== undefined) return { table, places: locateColumns(table, columns) };
  throw new UnreadableDumpError(
    `its first line names the columns of no table that is read here: ${columns.join(", ").slice(0, 80)}`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = { "0": "\0", n: "\n", t: "\t" };

/** Reads a value without quotes. `mysql --batch` escapes characters that would end it. */
function readBare(text: string, isBatch: boolean): string | null {
  if (text === String.raw`\N` || text === "NULL") return null;
  if (!isBatch) return text;
  return text.replaceAll(/\\(.)/g, (_pair, escaped: string) => ESCAPES[escaped] ?? escaped);
}

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "it ends in the middle of a record: a quote may be missing",
  CSV_MAX_RECORD_SIZE: "a record has no end: a quote may be missing",
};

function explain(error: unknown): unknown {
  if (!(error instanceof CsvError)) return error;
  const line: unknown = Reflect.get(error, "lines");
  const where = typeof line === "number" ? ` (line ${line})` : "";
  return new UnreadableDumpError(`${REASONS[error.code] ?? error.message}${where}`);
}
