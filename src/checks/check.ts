import { VENDORS } from "../providers/providers.ts";
import type { Finding } from "../push/finding.ts";

/** Name of the check of all apps at a vendor. */
export function nameVendorCheck(vendor: string): string {
  return vendor.toLowerCase();
}

/** Titles by the names of the checks, in the order of the checklist. */
export const CHECK_TITLES: ReadonlyMap<string, string> = new Map([
  ["tls", "trusted TLS certificate"],
  ["ports", "listener ports"],
  ...VENDORS.map(({ name }) => [nameVendorCheck(name), name] as const),
  ["config", "configuration"],
  ["dns", "DNS zone"],
  ["time", "time"],
  ["store", "store (Redis or SQLite)"],
  ["subscribers", "mobile_push_enable"],
  ["push", "end to end"],
]);

/** One item of the checklist. */
export interface Check {
  /** One of `CHECK_TITLES`. */
  readonly name: string;
  /** Runs the check until `signal` aborts. A rejection is a fault of the check itself. */
  run(signal: AbortSignal): Promise<readonly Finding[]>;
}
