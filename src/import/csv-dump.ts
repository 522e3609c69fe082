import {
  locateColumns,
  recogniseTable,
  UnreadableDumpError,
  type DumpParser,
  type DumpRow,
  type DumpTable,
} from "./dump-tables.ts";

interface Header {
  readonly table: DumpTable;
  readonly places: readonly number[];
}

const LONGEST_RECORD = 1024 * 1024;

/** CSV (RFC 4180) or what `mysql --batch` writes, with a header line: its columns tell which table it is. */
export function createCsvParser(): DumpParser {
  let rest = "";
  let delimiter: string | undefined;
  let field = /(?:)/y;
  let header: Header | undefined;

  function readRows(): DumpRow[] {
    if (delimiter === undefined) {
      rest = rest.replace(/^\ufeff/, "");
      if (!rest.includes("\n")) return [];
      delimiter = findDelimiter(rest.slice(0, rest.indexOf("\n")));
      field = new RegExp(
        String.raw`(?:"([^"]*(?:""[^"]*)*)"(?!")|([^"${delimiter}\r\n][^${delimiter}\r\n]*|))(${delimiter}|\r?\n)`,
        "y",
      );
    }
    const rows: DumpRow[] = [];
    for (let record = readRecord(); record !== undefined; record = readRecord()) {
      if (header === undefined) header = readHeader(record);
      else if (record.length > 1 || record[0] !== "") {
        const { table, places } = header;
        rows.push({ table, values: places.map((place) => record?.[place] ?? null) });
      }
    }
    rest = rest.slice(at);
    at = 0;
    if (rest.length > LONGEST_RECORD) throw new UnreadableDumpError("a record has no end: a quote may be missing");
    return rows;
  }

  let at = 0;

  /** Undefined where more text is needed. */
  function readRecord(): (string | null)[] | undefined {
    const values: (string | null)[] = [];
    field.lastIndex = at;
    for (;;) {
      const match = field.exec(rest);
      if (match === null) return undefined;
      const [, quoted, bare = "", end] = match;
      values.push(quoted === undefined ? readBare(bare, delimiter === "\t") : quoted.replaceAll('""', '"'));
      if (end === delimiter) continue;
      at = field.lastIndex;
      return values;
    }
  }

  return {
    push(text) {
      rest += text;
      return readRows();
    },
    end() {
      rest += "\n";
      const rows = readRows();
      if (rest.trim() !== "")
        throw new UnreadableDumpError("it ends in the middle of a record: a quote may be missing");
      return rows;
    },
  };
}

function findDelimiter(header: string): string {
  const [best = ","] = [",", "\t", ";"].toSorted((a, b) => header.split(b).length - header.split(a).length);
  return best;
}

function readHeader(record: readonly (string | null)[]): Header {
  const columns = record.map((name) => (name ?? "").trim().toLowerCase());
  const table = recogniseTable(columns);
  if (table !== undefined) return { table, places: locateColumns(table, columns) };
  throw new UnreadableDumpError(
    `its first line names the columns of no table that is read here: ${columns.join(", ").slice(0, 80)}`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = { "0": "\0", n: "\n", t: "\t" };

function readBare(text: string, isBatch: boolean): string | null {
  if (text === String.raw`\N` || text === "NULL") return null;
  if (!isBatch) return text;
  return text.replaceAll(/\\(.)/g, (_pair, escaped: string) => ESCAPES[escaped] ?? escaped);
}
