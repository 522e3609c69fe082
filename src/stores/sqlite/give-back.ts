import type { DatabaseSync } from "node:sqlite";
import { prepare } from "./statement.ts";

/** Largest number of pages that a step moves. Small enough not to delay the pushes that wait for the file. */
const PAGES_PER_STEP = 128;
/** Free pages up to this part of the file are kept for the next pushes, so that the file need not grow. */
const KEPT_PART = 1 / 8;
const KEPT_PAGES = 1_000;

/** Removes some free pages from the end of the file. Returns false if only those to be kept are left. */
export type GiveBackStep = () => boolean;

/**
 * Returns the step. Files created before this feature have no pages that can be returned in steps; `sip-pushd store
 * compact` rewrites them.
 */
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
