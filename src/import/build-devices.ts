import { createHash } from "node:crypto";
import type { Aor } from "../push/address.ts";
import {
  kindOfFirebaseToken,
  readToken,
  type Device,
  type DeviceTokens,
  type Environment,
  type TokenKind,
} from "../push/device.ts";

/** A row of `mobile_push_registrations`. */
export interface RegistrationRow {
  readonly id: string;
  readonly reg_id: string | null;
  readonly type: string | null;
  readonly device_id: string | null;
  readonly apns_type: string | null;
  readonly timestamp: string | null;
}

export const REFUSALS = {
  unknown_subscriber: "the subscriber is in none of the dumps",
  bad_address: "the subscriber's name and domain are not an address",
  unknown_type: "the type is neither apns nor fcm nor gcm",
  unknown_apns_type: "apns_type is neither empty nor callkit",
  bad_token: "reg_id is not a token",
  older_token: "the same device has a newer token of this kind",
} as const;

export type Refusal = keyof typeof REFUSALS;

export interface RefusedRow {
  readonly id: string;
  readonly reason: Refusal;
}

export interface BuildDevicesOptions {
  readonly environment: Environment;
  /** NGCP does not distinguish Google's two protocols. */
  readonly google: "fcm" | "gcm";
}

interface ReadRow {
  readonly row: RegistrationRow;
  readonly provider: Device["provider"];
  readonly kind: TokenKind;
  readonly token: string;
  readonly registeredAt: number;
}

/** Builds the devices of one subscriber. NGCP has a row for each token, and an iPhone has two tokens. */
export function buildDevices(
  subscriber: Aor,
  rows: readonly RegistrationRow[],
  options: BuildDevicesOptions,
): { readonly devices: Device[]; readonly refused: RefusedRow[] } {
  const refused: RefusedRow[] = [];
  const groups = new Map<string, ReadRow[]>();
  const read = rows.flatMap((row) => {
    const found = readRow(row, options);
    if (typeof found !== "string") return [found];
    refused.push({ id: row.id, reason: found });
    return [];
  });
  const areOnePhone = canBeOnePhone(read);
  for (const found of read) {
    const key = idOf(found, areOnePhone);
    groups.set(key, [...(groups.get(key) ?? []), found]);
  }
  const devices = [...groups].map(([key, group]) => {
    const newest = pickNewest(group, refused);
    const tokens: DeviceTokens = Object.fromEntries(newest.map(({ kind, token }) => [kind, token]));
    const [{ provider }] = group as [ReadRow];
    const registeredAt = Math.max(...newest.map((found) => found.registeredAt));
    const id = key.slice(key.indexOf(" ") + 1);
    return { subscriber, id, provider, tokens, environment: options.environment, registeredAt };
  });
  return { devices: devices.toSorted((a, b) => a.registeredAt - b.registeredAt), refused };
}

function readRow(row: RegistrationRow, { google }: BuildDevicesOptions): ReadRow | Refusal {
  const provider = row.type === "apns" ? "apns" : row.type === "fcm" || row.type === "gcm" ? google : undefined;
  if (provider === undefined) return "unknown_type";
  const kind = provider === "apns" ? kindOf(row.apns_type ?? "") : "registration";
  if (kind === undefined) return "unknown_apns_type";
  const token = readToken(kind, row.reg_id ?? "");
  if (token === undefined) return "bad_token";
  const kept = provider === "fcm" ? kindOfFirebaseToken(token) : kind;
  return { row, provider, kind: kept, token, registeredAt: readTimestamp(row.timestamp) };
}

function kindOf(apnsType: string): TokenKind | undefined {
  if (apnsType === "") return "remote";
  return apnsType === "callkit" || apnsType === "voip" ? "voip" : undefined;
}

/** mysqldump writes UTC. A missing date counts as the oldest. */
function readTimestamp(text: string | null): number {
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})/.exec(text ?? "") ?? [];
  const instant = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(instant) ? 0 : instant;
}

/** The form of device ids in the HTTP API. */
const DEVICE_ID = /^[A-Za-z0-9._:@=+~-]{1,128}$/;

/** Returns true if rows without a device id can be the two tokens of one iPhone, because there are no others. */
function canBeOnePhone(read: readonly ReadRow[]): boolean {
  const nameless = read.filter(({ row, provider }) => provider === "apns" && !row.device_id);
  return nameless.length === 2 && nameless[0]?.kind !== nameless[1]?.kind;
}

function idOf({ row, provider, token }: ReadRow, areOnePhone: boolean): string {
  const given = row.device_id ?? "";
  if (DEVICE_ID.test(given)) return `${provider} ${given}`;
  if (given === "" && provider === "apns" && areOnePhone) return `${provider} ngcp-iphone`;
  // The same id at each import.
  const source = given === "" ? token : given;
  return `${provider} ngcp-${createHash("sha256").update(source).digest("hex").slice(0, 16)}`;
}

/** Keeps one token of each kind. */
function pickNewest(group: readonly ReadRow[], refused: RefusedRow[]): ReadRow[] {
  const byAge = group.toSorted((a, b) => b.registeredAt - a.registeredAt || Number(b.row.id) - Number(a.row.id));
  return byAge.filter((found) => {
    const isNewest = byAge.find(({ kind }) => kind === found.kind) === found;
    if (!isNewest) refused.push({ id: found.row.id, reason: "older_token" });
    return isNewest;
  });
}
