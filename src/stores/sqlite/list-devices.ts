import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { Aor } from "../../push/address.ts";
import type { Device, DeviceTokens, Environment, ProviderName, TokenKind } from "../../push/device.ts";
import { prepare } from "./statement.ts";
import { compact } from "../../push/compact.ts";

interface DeviceTokenRow {
  readonly id: string;
  readonly provider: ProviderName;
  readonly environment: Environment;
  readonly environment_learned_at: number | null;
  readonly app: string | null;
  readonly name: string | null;
  readonly registered_at: number;
  readonly instance: string | null;
  readonly bound_until: number | null;
  readonly contact: string | null;
  readonly kind: TokenKind | null;
  readonly token: string | null;
}

/** Returns a subscriber's devices in order of registration. */
export type ListDevices = (subscriber: Aor) => readonly Device[];

export function createListDevices(db: DatabaseSync, clock: Clock): ListDevices {
  const select = prepare<DeviceTokenRow>(
    db,
    `SELECT d.id, d.provider, environment, environment_learned_at, app, name, d.registered_at, instance, bound_until, contact, kind, token
     FROM devices AS d JOIN (
       SELECT subscriber, device_id, kind, token FROM tokens WHERE subscriber = ?1
       UNION ALL
       SELECT subscriber, device_id, kind, token FROM shared_tokens WHERE subscriber = ?1 AND (until IS NULL OR until > ?2)
     ) AS t ON t.subscriber = d.subscriber AND t.device_id = d.id
     WHERE d.subscriber = ?1 ORDER BY d.registered_at, d.rowid`,
  );

  return (subscriber) => {
    const rows = Map.groupBy(select.all(subscriber, clock()), ({ id }) => id);
    return [...rows.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [readDevice(subscriber, first, readTokens([first, ...others]))],
    );
  };
}

function readDevice(subscriber: Aor, row: DeviceTokenRow, tokens: DeviceTokens): Device {
  return compact({
    subscriber,
    id: row.id,
    provider: row.provider,
    tokens,
    environment: row.environment,
    environmentLearnedAt: row.environment_learned_at === null ? undefined : row.environment_learned_at,
    app: row.app === null ? undefined : row.app,
    name: row.name === null ? undefined : row.name,
    registeredAt: row.registered_at,
    binding:
      row.instance === null || row.bound_until === null
        ? undefined
        : { instance: row.instance, until: row.bound_until },
    contact: row.contact === null ? undefined : row.contact,
  });
}

function readTokens(rows: readonly DeviceTokenRow[]): DeviceTokens {
  return Object.fromEntries(
    rows.flatMap(({ kind, token }) => (kind === null || token === null ? [] : [[kind, token]])),
  );
}
