import type { Outcome, Suspect } from "../push/outcome.ts";
import { compact } from "../push/compact.ts";

/**
 * One documented refusal of a provider and its meaning here. Outcomes are read from tables of these rows, and
 * `docs/reference/provider-answers.md` is generated from them.
 */
export type OutcomeRow = Fate & {
  /** HTTP status of the answer. */
  readonly status: number;
  /** How the provider states it, if not simply by the reason. */
  readonly says?: string;
  /** The provider's page, if not the table's. */
  readonly page?: string;
  /** Action of the adapter before the outcome counts. */
  readonly remedy?: Remedy;
};

type Fate =
  | { readonly kind: "unregistered" }
  | { readonly kind: "rejected"; readonly suspect: Suspect }
  | {
      readonly kind: "deferred";
      readonly scope?: "device" | "app";
      readonly busy?: true;
      /** Pause if the answer names no time. */
      readonly pauseMs?: number;
    }
  | { readonly kind: "misconfigured"; readonly scope?: "device" };

/**
 * Recovery action, repeated only as often as it makes sense; then the row's kind counts.
 * - `renew_token`: send the push again at once with a new provider or access token, over another connection.
 * - `reconnect`: send it again at once over another connection.
 * - `keep_token`: return to the previous provider token, if it is still valid.
 */
export type Remedy = "renew_token" | "reconnect" | "keep_token";

/** An interpreted answer. */
export interface Reading {
  readonly outcome: Outcome;
  readonly remedy?: Remedy;
}

export interface Refusal {
  readonly status: number;
  /** The provider's reason; undefined if the answer has none, like a proxy's. */
  readonly word: string | undefined;
  /** From Retry-After. */
  readonly retryAfterMs: number | undefined;
}

const LONGEST_REASON = 64;

/** Reads a refusal. A reason that is not in the table is judged by its status. */
export function readRefusal(rows: Readonly<Record<string, OutcomeRow>>, refusal: Refusal): Reading {
  const { status, word, retryAfterMs } = refusal;
  const row = findRow(rows, refusal) ?? findStatusRow(status);
  const reason = word?.slice(0, LONGEST_REASON) ?? `HTTP ${status}`;
  const remedy = row.remedy === undefined ? {} : { remedy: row.remedy };
  return { outcome: buildOutcome(row, reason, retryAfterMs), ...remedy };
}

/** A token is called dead only by exactly the documented answer. Any other reason may come with a similar status. */
function findRow(rows: Readonly<Record<string, OutcomeRow>>, { status, word }: Refusal): OutcomeRow | undefined {
  const row = word !== undefined && Object.hasOwn(rows, word) ? rows[word] : undefined;
  if (row === undefined) return undefined;
  const fits = row.kind === "unregistered" ? row.status === status : classOf(row.status) === classOf(status);
  return fits ? row : undefined;
}

const classOf = (status: number): number => Math.trunc(status / 100);

/** Answers without a known reason: from a proxy, a wrong server, or new ones. None of them is certain about a token. */
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
      return compact({ kind: "misconfigured", reason, scope: row.scope });
    case "deferred": {
      const pauseMs = retryAfterMs ?? row.pauseMs;
      return compact({
        kind: "deferred",
        reason,
        retryAfterMs: pauseMs,
        scope: row.scope,
        busy: row.busy,
      });
    }
  }
}
