import { STATUS_ROWS, type OutcomeRow } from "./outcome-row.ts";
import { PROVIDERS } from "./providers.ts";

const STATUSES = Object.entries<OutcomeRow>(STATUS_ROWS).map(([status, row]) => [`HTTP ${status}`, row] as const);
const TABLES = PROVIDERS.flatMap(({ answers }) => Object.entries(answers.table));

/** Reasons with which a provider refuses the app, not the push, so that an operator has to act. */
const REFUSED_APP: ReadonlySet<string> = new Set([
  ...[...TABLES, ...STATUSES].flatMap(([reason, row]) =>
    row.kind === "misconfigured" && row.scope === undefined ? [reason] : [],
  ),
  // The gateway's own reason for credentials with which no access token can be had.
  "bad_service_account",
]);

export function isAppRefused(reason: string): boolean {
  return REFUSED_APP.has(reason);
}
