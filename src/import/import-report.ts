import { PROVIDERS } from "../providers/providers.ts";
import type { ProviderName } from "../push/device.ts";
import type { DumpTable } from "./dump-tables.ts";
import { REFUSALS, type Refusal } from "./build-devices.ts";
import { formatCount } from "./progress.ts";

export const RESULTS = ["written", "unchanged", "newer"] as const;
/** Result of writing a device or preferences into the gateway's store. */
export type WriteResult = (typeof RESULTS)[number];

/** Counts of an import. They are kept in its state file, so that a continued import adds to them. */
export interface ImportReport {
  /** By provider. */
  readonly devices: Record<ProviderName, number>;
  /** Devices with both tokens of an iPhone. */
  bothTokens: number;
  readonly refused: Partial<Record<Refusal, { count: number; examples: string[] }>>;
  /** Devices whose domain has no app for their provider: `example.org apns` → count. */
  readonly withoutApp: Record<string, number>;
  readonly deviceResults: Record<WriteResult, number>;
  readonly preferences: { domains: number; subscribers: number };
  readonly refusedPreferences: { count: number; examples: string[] };
  readonly preferenceResults: Record<WriteResult, number>;
}

export function newReport(): ImportReport {
  return {
    devices: {},
    bothTokens: 0,
    refused: {},
    withoutApp: {},
    deviceResults: { written: 0, unchanged: 0, newer: 0 },
    preferences: { domains: 0, subscribers: 0 },
    refusedPreferences: { count: 0, examples: [] },
    preferenceResults: { written: 0, unchanged: 0, newer: 0 },
  };
}

const EXAMPLES = 5;

export function noteRefusal(report: ImportReport, reason: Refusal, example: string, count = 1): void {
  const entry = (report.refused[reason] ??= { count: 0, examples: [] });
  noteExample(entry, example, count);
}

export function noteExample(entry: { count: number; examples: string[] }, example: string, count = 1): void {
  entry.count += count;
  if (entry.examples.length < EXAMPLES) entry.examples.push(example);
}

const RESULT_WORDS = {
  written: "written",
  unchanged: "there already",
  newer: "left as they are: the gateway has something newer",
} as const satisfies Record<WriteResult, string>;

/** Returns the report as lines of text. */
export function formatReport(
  report: ImportReport,
  read: Readonly<Record<DumpTable, number>>,
  isApplied: boolean,
): string[] {
  const { preferences } = report;
  const rows = Object.entries(read).flatMap(([table, count]) =>
    count === 0 ? [] : [`${formatCount(count)} ${table}`],
  );
  const refused = Object.entries(report.refused) as [Refusal, { count: number; examples: string[] }][];
  return [
    `Read: ${rows.length === 0 ? "nothing" : rows.join(", ")}`,
    "",
    `Devices: ${listPhones(report).join(", ")}`,
    ...(isApplied ? listResults(report.deviceResults) : []),
    ...refused.map(([reason, entry]) => `  left out: ${describe(REFUSALS[reason], entry)}`),
    ...Object.entries(report.withoutApp).map(
      ([which, count]) => `  no app is configured for ${which}: ${formatCount(count)} devices will get no push`,
    ),
    "",
    `Preferences: ${formatCount(preferences.domains)} domains, ${formatCount(preferences.subscribers)} subscribers`,
    ...(isApplied ? listResults(report.preferenceResults) : []),
    ...(report.refusedPreferences.count === 0
      ? []
      : [`  left out: ${describe("the value is none that NGCP knows", report.refusedPreferences)}`]),
  ];
}

/** Counts phones by what people call them. */
function listPhones({ devices, bothTokens }: ImportReport): string[] {
  const labels = [...new Set(PROVIDERS.map(({ phones }) => phones))];
  return labels.map((label) => {
    const own = PROVIDERS.filter(({ phones }) => phones === label);
    const count = own.reduce((sum, { name }) => sum + (devices[name] ?? 0), 0);
    const both = own.some(({ tokensPerPhone }) => tokensPerPhone > 1);
    return `${formatCount(count)} ${label}${both ? ` (${formatCount(bothTokens)} of them with both tokens)` : ""}`;
  });
}

function listResults(results: Record<WriteResult, number>): string[] {
  return RESULTS.flatMap((result) =>
    results[result] === 0 ? [] : [`  ${formatCount(results[result])} ${RESULT_WORDS[result]}`],
  );
}

function describe(what: string, { count, examples }: { count: number; examples: readonly string[] }): string {
  const shown = examples.join(", ") + (count > examples.length ? ", …" : "");
  return `${formatCount(count)}, ${what} (${shown})`;
}
