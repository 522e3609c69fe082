import type { Outcome, Suspect } from "../push/outcome.ts";

/**
 * One documented refusal of a provider and what it means here. The tables of these rows are the one statement of it: outcomes are
 * read from them, and `docs/provider-answers.md` is made of them.
 */
export type OutcomeRow = Fate & {
  /** HTTP status with which the answer comes. */
  readonly status: number;
  /** How the provider says it, where that is not simply the reason. */
  readonly says?: string;
  /** The provider's own page, where it is not the table's. */
  readonly page?: string;
  /** What the adapter itself does before the outcome counts. */
  readonly remedy?: Remedy;
};

type Fate =
  | { readonly kind: "unregistered" }
  | { readonly kind: "rejected"; readonly suspect: Suspect }
  | {
      readonly kind: "deferred";
      readonly scope?: "device" | "app";
      readonly busy?: true;
      /** Where the answer names no time. */
      readonly pauseMs?: number;
    }
  | { readonly kind: "misconfigured"; readonly scope?: "device" };

/**
 * `renew_token`: the push is sent again at once with a new provider or access token, over another connection. `reconnect`: it is
 * sent again at once over another connection. Neither more often than makes sense; then the row's kind counts.
 * `keep_token`: back to the provider token before the present one, if it still lives.
 */
export type Remedy = "renew_token" | "reconnect" | "keep_token";

/** An answer as it was understood. */
export interface Reading {
  readonly outcome: Outcome;
  readonly remedy?: Remedy;
}

export interface Refusal {
  readonly status: number;
  /** The provider's word; undefined where the answer has none, as that of a proxy. */
  readonly word: string | undefined;
  /** What Retry-After says. */
  readonly retryAfterMs: number | undefined;
}

const LONGEST_REASON = 64;

/** A word that is not in the table is judged by the status it came with. */
export function readRefusal(rows: Readonly<Record<string, OutcomeRow>>, refusal: Refusal): Reading {
  const { status, word, retryAfterMs } = refusal;
  const row = findRow(rows, refusal) ?? findStatusRow(status);
  const reason = word?.slice(0, LONGEST_REASON) ?? `HTTP ${status}`;
  const remedy = row.remedy === undefined ? {} : { remedy: row.remedy };
  return { outcome: buildOutcome(row, reason, retryAfterMs), ...remedy };
}

/** A token is condemned by exactly the documented answer; otherwise a word may come with a neighbour of its status. */
function findRow(rows: Readonly<Record<string, OutcomeRow>>, { status, word }: Refusal): OutcomeRow | undefined {
  const row = word !== undefined && Object.hasOwn(rows, word) ? rows[word] : undefined;
  if (row === undefined) return undefined;
  const fits = row.kind === "unregistered" ? row.status === status : classOf(row.status) === classOf(status);
  return fits ? row : undefined;
}

const classOf = (status: number): number => Math.trunc(status / 100);

/**
 * Answers without a word, or with one that nobody knows yet: a proxy's, a wrong server's, or new ones. None of them says
 * anything of a token for certain.
 */
export const STATUS_ROWS = {
  401: { status: 401, kind: "misconfigured" },
  403: { status: 403, kind: "misconfigured" },
  404: { status: 404, kind: "misconfigured" },
  405: { status: 405, kind: "misconfigured" },
  407: { status: 407, kind: "misconfigured" },
  408: { status: 408, kind: "deferred" },
  410: { status: 410, kind: "rejected", suspect: "token" },
  429: { status: 429, kind: "deferred", pauseMs: 10_000 },
  "other 4xx": { status: 400, kind: "rejected", suspect: "push" },
  "5xx": { status: 502, kind: "deferred", busy: true },
  "anything else": { status: 302, kind: "misconfigured" },
} as const satisfies Readonly<Record<string, OutcomeRow>>;

function findStatusRow(status: number): OutcomeRow {
  const rows: Readonly<Record<string, OutcomeRow>> = STATUS_ROWS;
  const exact = rows[String(status)];
  if (exact !== undefined) return exact;
  if (classOf(status) === 4) return STATUS_ROWS["other 4xx"];
  return status >= 500 ? STATUS_ROWS["5xx"] : STATUS_ROWS["anything else"];
}

function buildOutcome(row: OutcomeRow, reason: string, retryAfterMs: number | undefined): Outcome {
  switch (row.kind) {
    case "unregistered":
      return { kind: "unregistered", reason };
    case "rejected":
      return { kind: "rejected", reason, suspect: row.suspect };
    case "misconfigured":
      return { kind: "misconfigured", reason, ...(row.scope === undefined ? {} : { scope: row.scope }) };
    case "deferred": {
      const pauseMs = retryAfterMs ?? row.pauseMs;
      return {
        kind: "deferred",
        reason,
        ...(pauseMs === undefined ? {} : { retryAfterMs: pauseMs }),
        ...(row.scope === undefined ? {} : { scope: row.scope }),
        ...(row.busy === undefined ? {} : { busy: row.busy }),
      };
    }
  }
}
