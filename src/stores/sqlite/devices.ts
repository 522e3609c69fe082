import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { DeviceStore, RegisterResult, RegistrationRules } from "../../gateway/device-store.ts";
import type { Aor } from "../../push/address.ts";
import {
  keepLearnedEnvironment,
  type Device,
  type Environment,
  type ProviderName,
  type TokenKind,
} from "../../push/device.ts";
import { createDeviceTables, type DeviceTables, type OwnerRow } from "./device-tables.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ReadSnapshot } from "./snapshot.ts";

export interface SqliteDeviceStoreDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly commits: GroupCommit;
  readonly readSnapshot: ReadSnapshot;
}

export function createSqliteDeviceStore({ db, clock, commits, readSnapshot }: SqliteDeviceStoreDeps): DeviceStore {
  const tables = createDeviceTables(db);

  return {
    register: (device, rules) => commits.write(() => register(tables, device, rules)),
    unregister: (subscriber, deviceId) => commits.write(() => tables.removeDevice(subscriber, deviceId)),
    list: (subscriber) => readSnapshot(() => tables.list(subscriber)),
    findOwner: (provider, token) =>
      readSnapshot(() => {
        const [owner] = tables.ownersOf(provider, token);
        return owner && findOwner(tables, owner);
      }),
    prune: (provider, token, since) => commits.write(() => prune(tables, provider, token, since)),
    replaceToken: (provider, oldToken, newToken) =>
      commits.write(() => replaceToken(tables, provider, oldToken, newToken, clock())),
    learnEnvironment: (provider, token, environment) =>
      commits.write(() => learnEnvironment(tables, provider, token, environment, clock())),
  };
}

function register(tables: DeviceTables, device: Device, rules: RegistrationRules): RegisterResult {
  const { subscriber, id, provider } = device;
  const displaced = new Map<string, RegisterResult["displaced"][number]>();
  const displace = (owner: Aor, deviceId: string) =>
    displaced.set(JSON.stringify([owner, deviceId]), { subscriber: owner, deviceId });

  if (rules.uniqueDeviceIds) {
    for (const other of tables.subscribersWith(id)) {
      if (other !== subscriber && tables.removeDevice(other, id)) displace(other, id);
    }
  }
  if (rules.oneDevicePerSubscriber) {
    for (const other of tables.list(subscriber)) {
      if (other.id !== id && tables.removeDevice(subscriber, other.id)) displace(subscriber, other.id);
    }
  }
  for (const token of tokensOf(device)) {
    for (const owner of tables.ownersOf(provider, token)) {
      if (owner.subscriber === subscriber && owner.device_id === id) continue;
      forget(tables, provider, token, owner);
      displace(owner.subscriber, owner.device_id);
    }
  }
  const learned = keepLearnedEnvironment(device, findDevice(tables, subscriber, id));
  const created = tables.putDevice({ ...device, ...learned });
  return { created, displaced: [...displaced.values()], ...(learned === undefined ? {} : { learned }) };
}

function tokensOf({ tokens }: Device): ReadonlySet<string> {
  return new Set(Object.values(tokens));
}

/** Takes a token from its device; a device without tokens goes with it. */
function forget(tables: DeviceTables, provider: ProviderName, token: string, owner: OwnerRow): void {
  const { subscriber, device_id: id } = owner;
  tables.removeToken(provider, token);
  if (!tables.hasTokens(subscriber, id)) tables.removeDevice(subscriber, id);
}

function prune(tables: DeviceTables, provider: ProviderName, token: string, since: number): Device | undefined {
  const [owner] = tables.ownersOf(provider, token);
  if (owner === undefined || owner.registered_at >= since) return undefined;
  const device = findOwner(tables, owner);
  forget(tables, provider, token, owner);
  return device;
}

/** Where the new token has an owner already, that one registered it by itself and keeps it: it is the same phone. */
function replaceToken(
  tables: DeviceTables,
  provider: ProviderName,
  oldToken: string,
  newToken: string,
  now: number,
): Device | undefined {
  const owners = tables.ownersOf(provider, oldToken);
  const [owner] = owners;
  if (owner === undefined || oldToken === newToken) return owner && findOwner(tables, owner);
  const [newOwner] = tables.ownersOf(provider, newToken);
  if (newOwner === undefined) {
    const kinds = owners.map(({ kind }): TokenKind => kind);
    tables.removeToken(provider, oldToken);
    for (const kind of kinds) tables.putToken(provider, newToken, kind, owner.subscriber, owner.device_id, now);
    return findOwner(tables, owner);
  }
  forget(tables, provider, oldToken, owner);
  return findOwner(tables, newOwner);
}

function learnEnvironment(
  tables: DeviceTables,
  provider: ProviderName,
  token: string,
  environment: Environment,
  now: number,
): Device | undefined {
  const [owner] = tables.ownersOf(provider, token);
  if (owner === undefined) return undefined;
  const isCorrected = tables.putEnvironment(owner.subscriber, owner.device_id, environment, now);
  return isCorrected ? findOwner(tables, owner) : undefined;
}

function findOwner(tables: DeviceTables, { subscriber, device_id: id }: OwnerRow): Device | undefined {
  return findDevice(tables, subscriber, id);
}

function findDevice(tables: DeviceTables, subscriber: Aor, id: string): Device | undefined {
  return tables.list(subscriber).find((device) => device.id === id);
}
