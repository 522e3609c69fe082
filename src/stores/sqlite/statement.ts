import type { DatabaseSync, SQLInputValue } from "node:sqlite";

/** A prepared statement whose rows have the shape that its SQL gives them. */
export interface Statement<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** Answers how many rows it changed. */
  run(...values: SQLInputValue[]): number;
}

export function prepare<Row = never>(db: DatabaseSync, sql: string): Statement<Row> {
  const statement = db.prepare(sql);
  return {
    get: (...values) => statement.get(...values) as Row | undefined,
    all: (...values) => statement.all(...values) as Row[],
    run: (...values) => Number(statement.run(...values).changes),
  };
}
