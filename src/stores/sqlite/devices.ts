import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { DeviceStore, RegisterResult, RegistrationRules } from "../../gateway/device-store.ts";
import type { Aor } from "../../push/address.ts";
import { keepLearnedEnvironment, type Device, type Environment, type ProviderName } from "../../push/device.ts";
import { sharedUntil } from "../../push/shared-token.ts";
import { createDeviceTables, type DeviceTables } from "./device-tables.ts";
import type { OwnerRow } from "./token-tables.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { ReadSnapshot } from "./snapshot.ts";
import { compact } from "../../push/compact.ts";

export interface SqliteDeviceStoreDeps {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly commits: GroupCommit;
  readonly readSnapshot: ReadSnapshot;
}

export function createSqliteDeviceStore({ db, clock, commits, readSnapshot }: SqliteDeviceStoreDeps): DeviceStore {
  const tables = createDeviceTables(db, clock);

  return {
    register: (device, rules) => commits.write(() => register(tables, device, rules, clock())),
    unregister: (subscriber, deviceId) => commits.write(() => tables.removeDevice(subscriber, deviceId)),
    list: (subscriber) => readSnapshot(() => tables.list(subscriber)),
    findOwner: (provider, token) =>
      readSnapshot(() => {
        const [owner] = livingOwners(tables, provider, token);
        return owner && findOwner(tables, owner);
      }),
    prune: (provider, token, since) => commits.write(() => prune(tables, provider, token, since)),
    replaceToken: (provider, oldToken, newToken) =>
      commits.write(() => replaceToken(tables, provider, oldToken, newToken, clock())),
    learnEnvironment: (provider, token, environment) =>
      commits.write(() => learnEnvironment(tables, provider, token, environment, clock())),
  };
}

function register(tables: DeviceTables, device: Device, rules: RegistrationRules, now: number): RegisterResult {
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
      if (owner.is_alive && share(tables, token, owner, device, rules, now)) continue;
      forget(tables, provider, token, owner);
      if (owner.is_alive) displace(owner.subscriber, owner.device_id);
    }
  }
  const learned = keepLearnedEnvironment(device, findDevice(tables, subscriber, id));
  const created = tables.putDevice({ ...device, ...learned });
  return compact({ created, displaced: [...displaced.values()], learned });
}

/** Decides whether the owner keeps the token beside the device that registers it now. */
function share(
  tables: DeviceTables,
  token: string,
  owner: OwnerRow,
  device: Device,
  rules: RegistrationRules,
  now: number,
): boolean {
  if (rules.uniqueDeviceIds) return false;
  const older = findOwner(tables, owner);
  const until = older && sharedUntil(older, device, now);
  if (until === undefined && !rules.keepOthers) return false;
  tables.shareToken(device.provider, token, owner, until);
  return true;
}

function livingOwners(tables: DeviceTables, provider: ProviderName, token: string): readonly OwnerRow[] {
  return tables.ownersOf(provider, token).filter(({ is_alive: isAlive }) => isAlive);
}

function tokensOf({ tokens }: Device): ReadonlySet<string> {
  return new Set(Object.values(tokens));
}

/** Takes a token from its device. A device without tokens is removed. */
function forget(tables: DeviceTables, provider: ProviderName, token: string, owner: OwnerRow): void {
  const { subscriber, device_id: id } = owner;
  tables.removeToken(provider, token, owner);
  if (!tables.hasTokens(subscriber, id)) tables.removeDevice(subscriber, id);
}

function prune(tables: DeviceTables, provider: ProviderName, token: string, since: number): Device | undefined {
  const owner = livingOwners(tables, provider, token).find(({ registered_at: at }) => at < since);
  if (owner === undefined) return undefined;
  const device = findOwner(tables, owner);
  forget(tables, provider, token, owner);
  return device;
}

function replaceToken(
  tables: DeviceTables,
  provider: ProviderName,
  oldToken: string,
  newToken: string,
  now: number,
): Device | undefined {
  const owners = livingOwners(tables, provider, oldToken);
  const [first] = owners;
  if (first === undefined || oldToken === newToken) return first && findOwner(tables, first);
  const [newOwner] = livingOwners(tables, provider, newToken);
  if (newOwner !== undefined) {
    const newer = findOwner(tables, newOwner);
    for (const owner of owners) join(tables, provider, { oldToken, newToken, now }, owner, newer);
    return newer;
  }
  const isSame = (other: OwnerRow) => other.subscriber === first.subscriber && other.device_id === first.device_id;
  const kinds = owners.filter(isSame).map(({ kind }) => kind);
  tables.removeToken(provider, oldToken, first);
  for (const kind of kinds) tables.putToken(provider, newToken, kind, first.subscriber, first.device_id, now);
  tables.replaceShared(provider, oldToken, newToken, now);
  return findOwner(tables, first);
}

interface Replacement {
  readonly oldToken: string;
  readonly newToken: string;
  readonly now: number;
}

/** The older device shares the new token with its owner if both are one installation; otherwise it only loses the old one. */
function join(
  tables: DeviceTables,
  provider: ProviderName,
  { oldToken, newToken, now }: Replacement,
  owner: OwnerRow,
  newer: Device | undefined,
): void {
  const older = findOwner(tables, owner);
  const until = older && newer && sharedUntil(older, newer, now);
  if (until === undefined) return forget(tables, provider, oldToken, owner);
  tables.removeToken(provider, oldToken, owner);
  tables.putShared(provider, newToken, owner.kind, owner, now, until);
}

function learnEnvironment(
  tables: DeviceTables,
  provider: ProviderName,
  token: string,
  environment: Environment,
  now: number,
): Device | undefined {
  const owner = livingOwners(tables, provider, token).find(({ subscriber, device_id: id }) =>
    tables.putEnvironment(subscriber, id, environment, now),
  );
  return owner && findOwner(tables, owner);
}

function findOwner(tables: DeviceTables, { subscriber, device_id: id }: OwnerRow): Device | undefined {
  return findDevice(tables, subscriber, id);
}

function findDevice(tables: DeviceTables, subscriber: Aor, id: string): Device | undefined {
  return tables.list(subscriber).find((device) => device.id === id);
}
