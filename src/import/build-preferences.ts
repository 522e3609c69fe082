import { readAor } from "../push/sip-uri.ts";
import { ENABLE_MODES, type EnableMode, type Preferences } from "../push/preferences.ts";
import { compact } from "../push/compact.ts";

/** A row of `voip_usr_preferences` or `voip_dom_preferences`. */
export interface PreferenceRow {
  readonly attribute: string;
  readonly value: string | null;
}

/** A boolean until mr10.2. */
const OLD_MODES: ReadonlyMap<string, EnableMode> = new Map([
  ["1", "always"],
  ["0", "never"],
]);

/** Builds the preferences of one subscriber or domain, with the values that cannot be interpreted. */
export function buildPreferences(rows: readonly PreferenceRow[]): {
  readonly preferences: Preferences;
  readonly refused: readonly PreferenceRow[];
} {
  const refused: PreferenceRow[] = [];
  const refuse = (row: PreferenceRow): undefined => void refused.push(row);
  const of = (attribute: string) => rows.filter((row) => row.attribute === attribute);
  const enable = of("mobile_push_enable").map((row) => readMode(row.value) ?? refuse(row));
  const expiry = of("mobile_push_expiry").map((row) => readSeconds(row.value) ?? refuse(row));
  const silent = of("mobile_push_silent_list").map((row) => readChat(row.value) ?? refuse(row));
  const mode = enable.find((value) => value !== undefined);
  const seconds = expiry.find((value) => value !== undefined);
  const chats = [...new Set(silent.filter((value) => value !== undefined))];
  return {
    preferences: compact({
      mobile_push_enable: mode,
      mobile_push_expiry: seconds,
      mobile_push_silent_list: chats.length === 0 ? undefined : chats,
    }),
    refused,
  };
}

function readMode(value: string | null): EnableMode | undefined {
  return ENABLE_MODES.find((mode) => mode === value) ?? OLD_MODES.get(value ?? "");
}

const LONGEST_EXPIRY_SECONDS = 3600;

function readSeconds(value: string | null): number | undefined {
  const seconds = Number(value);
  return value !== null && /^\d+$/.test(value) && seconds > 0 && seconds <= LONGEST_EXPIRY_SECONDS
    ? seconds
    : undefined;
}

function readChat(value: string | null): string | undefined {
  return value === null ? undefined : readAor(value);
}
