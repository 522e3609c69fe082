import type { DatabaseSync } from "node:sqlite";
import type { Aor } from "../../push/address.ts";
import type { Device, DeviceTokens, Environment, ProviderName, TokenKind } from "../../push/device.ts";
import { prepare } from "./statement.ts";

interface DeviceTokenRow {
  readonly id: string;
  readonly provider: ProviderName;
  readonly environment: Environment;
  readonly environment_learned_at: number | null;
  readonly app: string | null;
  readonly name: string | null;
  readonly registered_at: number;
  readonly kind: TokenKind | null;
  readonly token: string | null;
}

/** A subscriber's devices, in the order of registration. */
export type ListDevices = (subscriber: Aor) => readonly Device[];

export function createListDevices(db: DatabaseSync): ListDevices {
  const select = prepare<DeviceTokenRow>(
    db,
    `SELECT d.id, d.provider, environment, environment_learned_at, app, name, d.registered_at, kind, token
     FROM devices AS d LEFT JOIN tokens AS t ON t.subscriber = d.subscriber AND t.device_id = d.id
     WHERE d.subscriber = ? ORDER BY d.registered_at, d.rowid`,
  );

  return (subscriber) => {
    const rows = Map.groupBy(select.all(subscriber), ({ id }) => id);
    return [...rows.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [readDevice(subscriber, first, readTokens([first, ...others]))],
    );
  };
}

function readDevice(subscriber: Aor, row: DeviceTokenRow, tokens: DeviceTokens): Device {
  return {
    subscriber,
    id: row.id,
    provider: row.provider,
    tokens,
    environment: row.environment,
    ...(row.environment_learned_at === null ? {} : { environmentLearnedAt: row.environment_learned_at }),
    ...(row.app === null ? {} : { app: row.app }),
    ...(row.name === null ? {} : { name: row.name }),
    registeredAt: row.registered_at,
  };
}

function readTokens(rows: readonly DeviceTokenRow[]): DeviceTokens {
  return Object.fromEntries(
    rows.flatMap(({ kind, token }) => (kind === null || token === null ? [] : [[kind, token]])),
  );
}
