import type { Clock } from "../../gateway/clock.ts";
import type { DeviceStore } from "../../gateway/device-store.ts";
import type { Device, Environment, ProviderName } from "../../push/device.ts";
import { createDeviceRecords, toDevice, tokenSince, whatIsLeft, withoutToken, withToken } from "./device-records.ts";
import { createRegister } from "./register.ts";
import { removeDevice, type RemoveDeviceDeps } from "./remove-device.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";
import { createTokenOwners } from "./token-owners.ts";

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
      const holder = await findHolder(deps, provider, token);
      return holder && toDevice(holder);
    },
    prune: (provider, token, since) => prune(deps, provider, token, since),
    replaceToken: (provider, oldToken, newToken) => replaceToken(deps, provider, oldToken, newToken, clock()),
    learnEnvironment: (provider, token, environment) => learnEnvironment(deps, provider, token, environment, clock()),
  };
}

interface CustodyDeps extends RemoveDeviceDeps {
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

/** If the new token has an owner, that owner registered it itself and keeps it: it is the same phone. */
async function replaceToken(
  { records, owners, clock }: CustodyDeps,
  provider: ProviderName,
  oldToken: string,
  newToken: string,
  now: number,
): Promise<Device | undefined> {
  const owner = await findHolder({ records, owners, clock }, provider, oldToken);
  if (owner === undefined || oldToken === newToken) return owner && toDevice(owner);
  const newOwner = await findHolder({ records, owners, clock }, provider, newToken);
  const claim = newOwner === undefined ? await owners.claim(provider, newToken, owner) : undefined;
  const { before, after } = await records.change(owner.subscriber, owner.id, (device) => {
    if (device === undefined || !hasToken(device, provider, oldToken)) return device;
    return claim === undefined ? withoutToken(device, oldToken) : withToken(device, oldToken, claim, now);
  });
  if (before !== undefined && before !== after) await owners.release(provider, oldToken, before);
  if (before !== undefined && after === undefined) await owners.forget(before);
  if (claim !== undefined) await owners.enforce(provider, claim, owner);
  const holder = newOwner ?? after;
  return holder && toDevice(holder);
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

/** Returns the latest device that has the token both by its claim and in its record. */
async function findHolder({ records, owners, clock }: CustodyDeps, provider: ProviderName, token: string) {
  for (const owner of await owners.list(provider, token)) {
    const found = await records.find(owner.subscriber, owner.id);
    const device = found && whatIsLeft(found, clock());
    if (device !== undefined && hasToken(device, provider, token)) return device;
  }
  return undefined;
}

function hasToken(device: Device, provider: ProviderName, token: string): boolean {
  return device.provider === provider && Object.values(device.tokens).includes(token);
}
