import { isDumpTable, locateColumns, UnreadableDumpError, type DumpRow, type DumpTable } from "./dump-tables.ts";

// Loops are unrolled and each text can match in only one way, so that a mismatch fails in linear time.
const QUOTED = String.raw`'[^'\\]*(?:(?:\\.|'')[^'\\]*)*'(?!')`;
const DOUBLE_QUOTED = String.raw`"[^"\\]*(?:(?:\\.|"")[^"\\]*)*"(?!")`;
const NAME = String.raw`(?:\x60[^\x60]*\x60|"[^"]*"|[\w$]+)`;
const NAMES = String.raw`(${NAME}(?:\s*\.\s*${NAME})?)`;

const BLANKS = /(?:\s|--[^\n]*\n|#[^\n]*\n|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/|;)+/y;
const COMMENT = /--|#|\/\*/y;
const INSERT = new RegExp(
  String.raw`(?:INSERT(?:\s+IGNORE)?|REPLACE)\s+INTO\s+${NAMES}\s*(?:\(([^()]*)\))?\s*VALUES\s*`,
  "iy",
);
const STATEMENT = new RegExp(
  String.raw`[^;'"\x60]*(?:(?:${QUOTED}|${DOUBLE_QUOTED}|\x60[^\x60]*\x60)[^;'"\x60]*)*;`,
  "sy",
);
const CREATE_TABLE = new RegExp(
  String.raw`^CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?${NAMES}\s*\(`,
  "i",
);
const TUPLE = new RegExp(String.raw`\s*\(([^'"()]*(?:(?:${QUOTED}|${DOUBLE_QUOTED})[^'"()]*)*)\)\s*([,;])`, "sy");
const FIELD = new RegExp(
  String.raw`\s*(?:_\w+\s*)?(?:'([^'\\]*(?:(?:\\.|'')[^'\\]*)*)'|"([^"\\]*(?:(?:\\.|"")[^"\\]*)*)"|(?:0x|x')([0-9a-f]*)'?|([^,'"]*))\s*(?:,|$)`,
  "isy",
);

/** No row of these tables, and no statement of a dump, is longer. */
const LONGEST_PIECE = 16 * 1024 * 1024;

interface Insert {
  /** Undefined for a table that is not read. */
  readonly table: DumpTable | undefined;
  readonly places: readonly number[];
}

/** Reads the output of `mysqldump` and similar programs. Throws an UnreadableDumpError. */
export async function* readSql(pieces: AsyncIterable<string>): AsyncGenerator<readonly DumpRow[]> {
  const parser = new SqlParser();
  for await (const piece of pieces) yield parser.push(piece);
  yield parser.end();
}

/** Parses a dump in pieces that may be cut anywhere. */
export class SqlParser {
  readonly #columnsOf = new Map<string, readonly string[]>();
  #rest = "";
  /** The INSERT whose rows follow. */
  #insert: Insert | undefined;

  push(text: string): readonly DumpRow[] {
    this.#rest += text;
    const rows: DumpRow[] = [];
    let at = 0;
    for (;;) {
      const end = this.#insert === undefined ? this.#readStatement(at) : this.#readTuple(at, this.#insert, rows);
      if (end === undefined) break;
      at = end;
    }
    this.#rest = this.#rest.slice(at);
    if (this.#rest.length > LONGEST_PIECE) {
      throw new UnreadableDumpError(`no end of what begins with ${quoteStart(this.#rest)}`);
    }
    return rows;
  }

  end(): readonly DumpRow[] {
    const rows = this.push("\n");
    const left = this.#rest.trim();
    if (this.#insert === undefined && left === "") return rows;
    throw new UnreadableDumpError(`the dump ends in the middle of ${quoteStart(left)}`);
  }

  /** Returns the end of the statement, or of the head of an INSERT; undefined if more text is needed. */
  #readStatement(from: number): number | undefined {
    const at = matchAt(BLANKS, this.#rest, from)?.end ?? from;
    const head = matchAt(INSERT, this.#rest, at);
    if (head !== undefined) {
      this.#insert = this.#prepareInsert(lastName(head.groups[1] ?? ""), head.groups[2]);
      return head.end;
    }
    // A comment whose end is still to come must not be taken for a statement.
    const isComment = matchAt(COMMENT, this.#rest, at) !== undefined;
    const statement = isComment ? undefined : matchAt(STATEMENT, this.#rest, at);
    if (statement === undefined) return at > from ? at : undefined;
    const text = statement.groups[0] ?? "";
    const table = CREATE_TABLE.exec(text)?.[1];
    if (table !== undefined) this.#columnsOf.set(lastName(table), listColumns(text));
    return statement.end;
  }

  #prepareInsert(name: string, list: string | undefined): Insert {
    if (!isDumpTable(name)) return { table: undefined, places: [] };
    const columns = list === undefined ? this.#columnsOf.get(name) : list.split(",").map(lastName);
    if (columns !== undefined) return { table: name, places: locateColumns(name, columns) };
    const mend = "dump it with its CREATE TABLE, or with --complete-insert";
    throw new UnreadableDumpError(`the columns of ${name} are not named: ${mend}`);
  }

  #readTuple(at: number, { table, places }: Insert, rows: DumpRow[]): number | undefined {
    const tuple = matchAt(TUPLE, this.#rest, at);
    if (tuple === undefined) return undefined;
    const [, text = "", separator] = tuple.groups;
    if (separator === ";") this.#insert = undefined;
    if (table !== undefined) {
      const fields = readFields(text);
      rows.push({ table, values: places.map((place) => fields[place] ?? null) });
    }
    return tuple.end;
  }
}

function matchAt(pattern: RegExp, text: string, at: number) {
  pattern.lastIndex = at;
  const groups = pattern.exec(text);
  return groups === null ? undefined : { groups, end: pattern.lastIndex };
}

function readFields(text: string): (string | null)[] {
  const fields: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    const field = matchAt(FIELD, text, at);
    if (field === undefined) throw new UnreadableDumpError(`no value that is known: ${quoteStart(text.slice(at))}`);
    const [, single, double, hex, bare] = field.groups;
    const quoted = single ?? double;
    if (quoted !== undefined) fields.push(unescape(quoted));
    else if (hex !== undefined) fields.push(Buffer.from(hex, "hex").toString("utf8"));
    else fields.push(readBare(bare ?? ""));
    at = field.end;
  }
  return fields;
}

function readBare(text: string): string | null {
  const bare = text.trim();
  return /^null$/i.test(bare) ? null : bare;
}

const ESCAPES: Readonly<Record<string, string>> = { "0": "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\u001a" };

function unescape(text: string): string {
  if (!/[\\'"]/.test(text)) return text;
  return text.replaceAll(/\\(.)|''|""/gs, (pair: string, escaped?: string) =>
    escaped === undefined ? pair.slice(1) : (ESCAPES[escaped] ?? escaped),
  );
}

function listColumns(statement: string): string[] {
  return [...statement.matchAll(/^\s*[`"]([^`"]+)[`"]/gm)].flatMap(([, name]) => name ?? []);
}

/** Returns the table of `database`.`table`, without quotes. */
function lastName(name: string): string {
  return name.trim().replaceAll(/^.*\.|[`"\s]/g, "");
}

function quoteStart(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
