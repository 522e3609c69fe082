import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { Aor } from "../../push/address.ts";
import type { Device, Environment, ProviderName, TokenKind } from "../../push/device.ts";
import { createListDevices, type ListDevices } from "./list-devices.ts";
import { prepare } from "./statement.ts";

/** Who has a token: who registered it last, then those who share it. Two rows where a device uses it for two kinds. */
export interface OwnerRow {
  readonly subscriber: Aor;
  readonly device_id: string;
  readonly kind: TokenKind;
  readonly registered_at: number;
  /** False: the time has passed for which it was shared. */
  readonly is_alive: 0 | 1;
}

type DeviceRef = Pick<OwnerRow, "subscriber" | "device_id">;

/** The single steps that the rules of registration are made of. */
export interface DeviceTables {
  readonly list: ListDevices;
  subscribersWith(deviceId: string): readonly Aor[];
  ownersOf(provider: ProviderName, token: string): readonly OwnerRow[];
  hasTokens(subscriber: Aor, deviceId: string): boolean;
  /** Writes it whole; true where it is new. */
  putDevice(device: Device): boolean;
  /** True where it was another one. */
  putEnvironment(subscriber: Aor, id: string, environment: Environment, learnedAt: number): boolean;
  putToken(provider: ProviderName, token: string, kind: TokenKind, subscriber: Aor, id: string, at: number): void;
  /** From that device alone. */
  removeToken(provider: ProviderName, token: string, owner: DeviceRef): void;
  /** The device keeps the token beside the one that registers it now: until then, or for good. */
  shareToken(provider: ProviderName, token: string, owner: DeviceRef, until: number | undefined): void;
  /** With its tokens; true where there was one. */
  removeDevice(subscriber: Aor, deviceId: string): boolean;
}

export function createDeviceTables(db: DatabaseSync, clock: Clock): DeviceTables {
  const subscribers = prepare<{ subscriber: Aor }>(db, "SELECT subscriber FROM devices WHERE id = ?");
  const owners = prepare<OwnerRow>(
    db,
    `SELECT subscriber, device_id, kind, registered_at, 1 AS is_alive FROM tokens WHERE provider = ?1 AND token = ?2
     UNION ALL SELECT * FROM (
       SELECT subscriber, device_id, kind, registered_at, until IS NULL OR until > ?3 AS is_alive
       FROM shared_tokens WHERE provider = ?1 AND token = ?2 ORDER BY registered_at DESC
     )`,
  );
  const anyToken = prepare<object>(
    db,
    `SELECT 1 FROM tokens WHERE subscriber = ?1 AND device_id = ?2
     UNION ALL SELECT 1 FROM shared_tokens WHERE subscriber = ?1 AND device_id = ?2 LIMIT 1`,
  );
  const insertDevice = prepare(
    db,
    `INSERT INTO devices (provider, environment, environment_learned_at, app, name, registered_at, instance, bound_until, subscriber, id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateDevice = prepare(
    db,
    `UPDATE devices SET provider = ?, environment = ?, environment_learned_at = ?, app = ?, name = ?, registered_at = ?,
       instance = ?, bound_until = ?
     WHERE subscriber = ? AND id = ?`,
  );
  const updateEnvironment = prepare(
    db,
    `UPDATE devices SET environment = ?1, environment_learned_at = ?2
     WHERE subscriber = ?3 AND id = ?4 AND environment <> ?1`,
  );
  const insertToken = prepare(
    db,
    "INSERT INTO tokens (provider, token, kind, subscriber, device_id, registered_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const deleteToken = ["tokens", "shared_tokens"].map((table) =>
    prepare(db, `DELETE FROM ${table} WHERE provider = ? AND token = ? AND subscriber = ? AND device_id = ?`),
  );
  const deleteTokensOf = ["tokens", "shared_tokens"].map((table) =>
    prepare(db, `DELETE FROM ${table} WHERE subscriber = ? AND device_id = ?`),
  );
  const shareToken = prepare(
    db,
    `INSERT INTO shared_tokens SELECT provider, token, kind, subscriber, device_id, registered_at, ?5 FROM tokens
     WHERE provider = ?1 AND token = ?2 AND subscriber = ?3 AND device_id = ?4`,
  );
  const deleteOwner = prepare(
    db,
    "DELETE FROM tokens WHERE provider = ? AND token = ? AND subscriber = ? AND device_id = ?",
  );
  const deleteDevice = prepare(db, "DELETE FROM devices WHERE subscriber = ? AND id = ?");

  return {
    list: createListDevices(db, clock),
    subscribersWith: (deviceId) => subscribers.all(deviceId).map(({ subscriber }) => subscriber),
    ownersOf: (provider, token) => owners.all(provider, token, clock()),
    hasTokens: (subscriber, deviceId) => anyToken.get(subscriber, deviceId) !== undefined,
    putDevice({
      subscriber,
      id,
      provider,
      tokens,
      environment,
      environmentLearnedAt,
      app,
      name,
      registeredAt,
      binding,
    }) {
      const place = [environment, environmentLearnedAt ?? null, app ?? null];
      const bound = [binding?.instance ?? null, binding?.until ?? null];
      const values = [provider, ...place, name ?? null, registeredAt, ...bound, subscriber, id];
      const isNew = updateDevice.run(...values) === 0;
      if (isNew) insertDevice.run(...values);
      for (const statement of deleteTokensOf) statement.run(subscriber, id);
      for (const [kind, token] of Object.entries(tokens)) {
        insertToken.run(provider, token, kind, subscriber, id, registeredAt);
      }
      return isNew;
    },
    putEnvironment: (subscriber, id, environment, learnedAt) =>
      updateEnvironment.run(environment, learnedAt, subscriber, id) > 0,
    putToken(provider, token, kind, subscriber, id, at) {
      insertToken.run(provider, token, kind, subscriber, id, at);
    },
    removeToken(provider, token, { subscriber, device_id: id }) {
      for (const statement of deleteToken) statement.run(provider, token, subscriber, id);
    },
    shareToken(provider, token, { subscriber, device_id: id }, until) {
      shareToken.run(provider, token, subscriber, id, until ?? null);
      deleteOwner.run(provider, token, subscriber, id);
    },
    removeDevice(subscriber, deviceId) {
      for (const statement of deleteTokensOf) statement.run(subscriber, deviceId);
      return deleteDevice.run(subscriber, deviceId) > 0;
    },
  };
}
