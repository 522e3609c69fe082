import type { DatabaseSync } from "node:sqlite";
import type { Aor } from "../../push/address.ts";
import type { Device, Environment, ProviderName, TokenKind } from "../../push/device.ts";
import { createListDevices, type ListDevices } from "./list-devices.ts";
import { prepare } from "./statement.ts";

/** Who has a token. One owner alone; two rows where a device uses the same token for two kinds. */
export interface OwnerRow {
  readonly subscriber: Aor;
  readonly device_id: string;
  readonly kind: TokenKind;
  readonly registered_at: number;
}

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
  removeToken(provider: ProviderName, token: string): void;
  /** With its tokens; true where there was one. */
  removeDevice(subscriber: Aor, deviceId: string): boolean;
}

export function createDeviceTables(db: DatabaseSync): DeviceTables {
  const subscribers = prepare<{ subscriber: Aor }>(db, "SELECT subscriber FROM devices WHERE id = ?");
  const owners = prepare<OwnerRow>(
    db,
    "SELECT subscriber, device_id, kind, registered_at FROM tokens WHERE provider = ? AND token = ?",
  );
  const anyToken = prepare<object>(db, "SELECT 1 FROM tokens WHERE subscriber = ? AND device_id = ? LIMIT 1");
  const insertDevice = prepare(
    db,
    `INSERT INTO devices (provider, environment, environment_learned_at, app, name, registered_at, subscriber, id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateDevice = prepare(
    db,
    `UPDATE devices SET provider = ?, environment = ?, environment_learned_at = ?, app = ?, name = ?, registered_at = ?
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
  const deleteToken = prepare(db, "DELETE FROM tokens WHERE provider = ? AND token = ?");
  const deleteTokensOf = prepare(db, "DELETE FROM tokens WHERE subscriber = ? AND device_id = ?");
  const deleteDevice = prepare(db, "DELETE FROM devices WHERE subscriber = ? AND id = ?");

  return {
    list: createListDevices(db),
    subscribersWith: (deviceId) => subscribers.all(deviceId).map(({ subscriber }) => subscriber),
    ownersOf: (provider, token) => owners.all(provider, token),
    hasTokens: (subscriber, deviceId) => anyToken.get(subscriber, deviceId) !== undefined,
    putDevice({ subscriber, id, provider, tokens, environment, environmentLearnedAt, app, name, registeredAt }) {
      const place = [environment, environmentLearnedAt ?? null, app ?? null];
      const values = [provider, ...place, name ?? null, registeredAt, subscriber, id];
      const isNew = updateDevice.run(...values) === 0;
      if (isNew) insertDevice.run(...values);
      deleteTokensOf.run(subscriber, id);
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
    removeToken(provider, token) {
      deleteToken.run(provider, token);
    },
    removeDevice(subscriber, deviceId) {
      deleteTokensOf.run(subscriber, deviceId);
      return deleteDevice.run(subscriber, deviceId) > 0;
    },
  };
}
