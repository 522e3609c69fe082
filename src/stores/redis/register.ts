import type { Clock } from "../../gateway/clock.ts";
import type { DeviceStore, RegisterResult, RegistrationRules } from "../../gateway/device-store.ts";
import type { Aor } from "../../push/address.ts";
import { keepLearnedEnvironment, type Device } from "../../push/device.ts";
import { sharedUntil } from "../../push/shared-token.ts";
import { listTokens, withClaims, type DeviceRecords, type StoredDevice } from "./device-records.ts";
import { removeDevice } from "./remove-device.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";
import type { DeviceRef } from "./token-claims.ts";
import type { Share, TokenOwners } from "./token-owners.ts";

export interface RegisterDeps {
  readonly session: RedisSession;
  readonly keys: Keys;
  readonly records: DeviceRecords;
  readonly owners: TokenOwners;
  readonly clock: Clock;
}

/**
 * Claims the tokens, writes the device, and then removes tokens from other devices. After the first step a repeat
 * completes it.
 */
export function createRegister(deps: RegisterDeps): DeviceStore["register"] {
  const { session, keys, records, owners, clock } = deps;

  return async (device, rules) => {
    const { subscriber, id, provider } = device;
    const claims = await Promise.all([...listTokens(device)].map((token) => owners.claim(provider, token, device)));
    const { before } = await records.change(subscriber, id, (found) =>
      withClaims({ ...device, ...keepLearnedEnvironment(device, found) }, claims, found),
    );
    const learned = keepLearnedEnvironment(device, before);
    await session.ask((client) => client.sadd(keys.deviceId(id), subscriber));
    await releaseOld(owners, before, device);

    const displaced: DeviceRef[] = [];
    const share = rules.uniqueDeviceIds ? undefined : shareBy(rules, clock());
    for (const rival of await listRivals(deps, device, rules)) {
      if (await removeDevice(deps, rival, (other) => isOlder(other, device))) displaced.push(rival);
    }
    for (const claim of claims) displaced.push(...(await owners.enforce(provider, claim, device, share)));
    const result = { created: before === undefined, displaced: listOnce(displaced) };
    return learned === undefined ? result : { ...result, learned };
  };
}

/** Without an end: the latest time that a Date can hold. */
const FOR_GOOD = 8.64e15;

function shareBy({ keepOthers }: RegistrationRules, now: number): Share {
  return (older, newer) => sharedUntil(older, newer, now) ?? (keepOthers ? FOR_GOOD : undefined);
}

/** Releases tokens that the device had before and has no longer. */
async function releaseOld(owners: TokenOwners, before: StoredDevice | undefined, device: Device): Promise<void> {
  if (before === undefined) return;
  const kept = before.provider === device.provider ? listTokens(device) : new Set();
  const old = [...listTokens(before)].filter((token) => !kept.has(token));
  await Promise.all(old.map((token) => owners.release(before.provider, token, before)));
}

/** Returns the devices that the rules no longer allow. */
async function listRivals({ session, keys, records }: RegisterDeps, device: Device, rules: RegistrationRules) {
  const { subscriber, id } = device;
  const rivals: DeviceRef[] = [];
  if (rules.uniqueDeviceIds) {
    const others = await session.ask((client) => client.smembers(keys.deviceId(id)));
    rivals.push(
      ...(others as Aor[]).filter((other) => other !== subscriber).map((other) => ({ subscriber: other, id })),
    );
  }
  if (rules.oneDevicePerSubscriber) {
    const others = await records.list(subscriber);
    rivals.push(...others.filter((other) => other.id !== id).map((other) => ({ subscriber, id: other.id })));
  }
  return rivals;
}

/** Prevents two concurrent registrations from removing each other. */
function isOlder(device: Device, than: Device): boolean {
  if (device.registeredAt !== than.registeredAt) return device.registeredAt < than.registeredAt;
  return `${device.subscriber} ${device.id}` < `${than.subscriber} ${than.id}`;
}

function listOnce(devices: readonly DeviceRef[]): RegisterResult["displaced"] {
  const byName = new Map(devices.map((device) => [JSON.stringify([device.subscriber, device.id]), device]));
  return [...byName.values()].map(({ subscriber, id }) => ({ subscriber, deviceId: id }));
}
