import type { DatabaseSync } from "node:sqlite";
import { prepare } from "./statement.ts";

/** Small enough not to hold up the pushes that wait for the file: a step moves this many pages at most. */
const PAGES_PER_STEP = 128;
/** Free pages up to this part of the file stay in it: the next pushes use them, and the file need not grow. */
const KEPT_PART = 1 / 8;
const KEPT_PAGES = 1_000;

/** Cuts some free pages off the end of the file; answers false when there are no more than should stay. */
export type GiveBackStep = () => boolean;

/** Files that were made before this was set up have no free pages to give back in steps; `sip-pushd store compact` rewrites them. */
export function createGiveBackStep(db: DatabaseSync): GiveBackStep {
  const freePages = prepare<{ freelist_count: number }>(db, "PRAGMA freelist_count");
  const allPages = prepare<{ page_count: number }>(db, "PRAGMA page_count");
  const isIncremental = prepare<{ auto_vacuum: number }>(db, "PRAGMA auto_vacuum").get()?.auto_vacuum === INCREMENTAL;

  return () => {
    if (!isIncremental) return false;
    const free = freePages.get()?.freelist_count ?? 0;
    const kept = Math.max(KEPT_PAGES, Math.floor((allPages.get()?.page_count ?? 0) * KEPT_PART));
    if (free <= kept) return false;
    db.exec(`PRAGMA incremental_vacuum(${Math.min(PAGES_PER_STEP, free - kept)})`);
    return true;
  };
}

const INCREMENTAL = 2;
