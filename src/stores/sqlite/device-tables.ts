import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { Aor } from "../../push/address.ts";
import type { Device, Environment, TokenKind } from "../../push/device.ts";
import { createListDevices, type ListDevices } from "./list-devices.ts";
import { prepare } from "./statement.ts";
import { createTokenTables, type TokenTables } from "./token-tables.ts";

/** The single steps of which the registration rules consist. */
export interface DeviceTables extends TokenTables {
  readonly list: ListDevices;
  subscribersWith(deviceId: string): readonly Aor[];
  /** Writes the whole device. Returns true if it is new. */
  putDevice(device: Device): boolean;
  /** Returns true if the environment changed. */
  putEnvironment(subscriber: Aor, id: string, environment: Environment, learnedAt: number): boolean;
  /** Removes a device with its tokens. Returns false if there was none. */
  removeDevice(subscriber: Aor, deviceId: string): boolean;
}

export function createDeviceTables(db: DatabaseSync, clock: Clock): DeviceTables {
  const tokenTables = createTokenTables(db, clock);
  const subscribers = prepare<{ subscriber: Aor }>(db, "SELECT subscriber FROM devices WHERE id = ?");
  const insertDevice = prepare(
    db,
    `INSERT INTO devices (provider, environment, environment_learned_at, app, name, registered_at, instance, bound_until, contact, subscriber, id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateDevice = prepare(
    db,
    `UPDATE devices SET provider = ?, environment = ?, environment_learned_at = ?, app = ?, name = ?, registered_at = ?,
       instance = ?, bound_until = ?, contact = ?
     WHERE subscriber = ? AND id = ?`,
  );
  const updateEnvironment = prepare(
    db,
    `UPDATE devices SET environment = ?1, environment_learned_at = ?2
     WHERE subscriber = ?3 AND id = ?4 AND environment <> ?1`,
  );
  const deleteDevice = prepare(db, "DELETE FROM devices WHERE subscriber = ? AND id = ?");

  return {
    ...tokenTables,
    list: createListDevices(db, clock),
    subscribersWith: (deviceId) => subscribers.all(deviceId).map(({ subscriber }) => subscriber),
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
      contact,
    }) {
      const place = [environment, environmentLearnedAt ?? null, app ?? null];
      const bound = [binding?.instance ?? null, binding?.until ?? null, contact ?? null];
      const values = [provider, ...place, name ?? null, registeredAt, ...bound, subscriber, id];
      const isNew = updateDevice.run(...values) === 0;
      if (isNew) insertDevice.run(...values);
      tokenTables.removeTokensOf(subscriber, id);
      for (const [kind, token] of Object.entries(tokens)) {
        tokenTables.putToken(provider, token, kind as TokenKind, subscriber, id, registeredAt);
      }
      return isNew;
    },
    putEnvironment: (subscriber, id, environment, learnedAt) =>
      updateEnvironment.run(environment, learnedAt, subscriber, id) > 0,
    removeDevice(subscriber, deviceId) {
      tokenTables.removeTokensOf(subscriber, deviceId);
      return deleteDevice.run(subscriber, deviceId) > 0;
    },
  };
}
