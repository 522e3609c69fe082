import type { Clock } from "../../gateway/clock.ts";
import type { DeviceStore } from "../../gateway/device-store.ts";
import type { Device, Environment, ProviderName } from "../../push/device.ts";
import { sharedUntil } from "../../push/shared-token.ts";
import {
  createDeviceRecords,
  sharesUntil,
  toDevice,
  tokenSince,
  whatIsLeft,
  withoutToken,
  withToken,
  type StoredDevice,
} from "./device-records.ts";
import { createRegister } from "./register.ts";
import { removeDevice, type RemoveDeviceDeps } from "./remove-device.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";
import { createTokenOwners, type Share } from "./token-owners.ts";

export interface RedisDeviceStoreDeps {
  readonly session: RedisSession;
  readonly keys: Keys;
  readonly clock: Clock;
}

export function createRedisDeviceStore({ session, keys, clock }: RedisDeviceStoreDeps): DeviceStore {
  const records = createDeviceRecords(session, keys);
  const owners = createTokenOwners(session, keys, records, clock);

  const deps = { records, owners, clock };
  return {
    register: createRegister({ ...deps, session, keys }),
    unregister: (subscriber, id) => removeDevice(deps, { subscriber, id }),
    list: async (subscriber) =>
      (await records.list(subscriber)).flatMap((device) => whatIsLeft(device, clock()) ?? []).map(toDevice),
    async findOwner(provider, token) {
      const [holder] = await listHolders(deps, provider, token);
      return holder && toDevice(holder);
    },
    prune: (provider, token, since) => prune(deps, provider, token, since),
    replaceToken: (provider, oldToken, newToken) => replaceToken(deps, provider, oldToken, newToken, clock()),
    learnEnvironment: (provider, token, environment) => learnEnvironment(deps, provider, token, environment, clock()),
  };
}

interface InvalidationDeps extends RemoveDeviceDeps {
  readonly clock: Clock;
}

async function prune(
  { records, owners }: RemoveDeviceDeps,
  provider: ProviderName,
  token: string,
  since: number,
): Promise<Device | undefined> {
  for (const owner of await owners.list(provider, token)) {
    const { before, after } = await records.change(owner.subscriber, owner.id, (device) => {
      if (device?.provider !== provider) return device;
      const registeredAt = tokenSince(device, token);
      return registeredAt === undefined || registeredAt >= since ? device : withoutToken(device, token);
    });
    if (before === after || before === undefined) continue;
    await owners.release(provider, token, before);
    if (after === undefined) await owners.forget(before);
    return toDevice(before);
  }
  return undefined;
}

async function replaceToken(
  deps: InvalidationDeps,
  provider: ProviderName,
  oldToken: string,
  newToken: string,
  now: number,
): Promise<Device | undefined> {
  const { records, owners } = deps;
  const holders = await listHolders(deps, provider, oldToken);
  const [latest] = holders;
  if (latest === undefined || oldToken === newToken) return latest && toDevice(latest);
  const share: Share = (older, newer) => {
    const holder = holders.find((other) => isSame(other, older));
    return (holder && sharesUntil(holder, oldToken)) ?? sharedUntil(older, newer, now);
  };
  // The latest becomes the owner of the new token, as it was of the old one.
  for (const holder of holders.toReversed()) {
    const [newOwner] = await listHolders(deps, provider, newToken);
    const mayHave = newOwner === undefined || isSame(newOwner, holder) || share(newOwner, holder) !== undefined;
    const claim = mayHave ? await owners.claim(provider, newToken, holder) : undefined;
    const { before, after } = await records.change(holder.subscriber, holder.id, (device) => {
      if (device === undefined || !hasToken(device, provider, oldToken)) return device;
      return claim === undefined ? withoutToken(device, oldToken) : withToken(device, oldToken, claim, now);
    });
    if (before !== undefined && before !== after) await owners.release(provider, oldToken, before);
    if (before !== undefined && after === undefined) await owners.forget(before);
    if (claim !== undefined) await owners.enforce(provider, claim, holder, share);
  }
  const [owner] = await listHolders(deps, provider, newToken);
  return owner && toDevice(owner);
}

function isSame(a: Pick<Device, "subscriber" | "id">, b: Pick<Device, "subscriber" | "id">): boolean {
  return a.subscriber === b.subscriber && a.id === b.id;
}

async function learnEnvironment(
  { records, owners }: RemoveDeviceDeps,
  provider: ProviderName,
  token: string,
  environment: Environment,
  now: number,
): Promise<Device | undefined> {
  for (const owner of await owners.list(provider, token)) {
    const { before, after } = await records.change(owner.subscriber, owner.id, (device) =>
      device === undefined || !hasToken(device, provider, token) || device.environment === environment
        ? device
        : { ...device, environment, environmentLearnedAt: now },
    );
    if (before !== after) return after && toDevice(after);
  }
  return undefined;
}

/** Returns the devices that have the token in their record and may use it, the latest first. */
async function listHolders(
  { records, owners, clock }: InvalidationDeps,
  provider: ProviderName,
  token: string,
): Promise<readonly StoredDevice[]> {
  const holders: StoredDevice[] = [];
  for (const owner of await owners.list(provider, token)) {
    const found = await records.find(owner.subscriber, owner.id);
    const device = found && whatIsLeft(found, clock());
    if (device !== undefined && hasToken(device, provider, token)) holders.push(device);
  }
  return holders;
}

function hasToken(device: Device, provider: ProviderName, token: string): boolean {
  return device.provider === provider && Object.values(device.tokens).includes(token);
}
