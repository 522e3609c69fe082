import type { Aor } from "../../push/address.ts";
import type { Device, ProviderName } from "../../push/device.ts";
import { epochOf, withEpoch, withoutToken, type DeviceRecords, type StoredDevice } from "./device-records.ts";
import { loadScript } from "./script.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/** Which device of whom. */
export type DeviceRef = Pick<Device, "subscriber" | "id">;

export interface FormerOwner extends DeviceRef {
  /** Of the claim that was overtaken. */
  readonly epoch: number;
}

export interface Claim {
  readonly token: string;
  /** Grows with each claim of the token. */
  readonly epoch: number;
  /** Those that may still have the token in their records. */
  readonly former: readonly FormerOwner[];
}

/**
 * Who owns a token. Token and device lie in different slots, so no script can change both. Claims are numbered instead, and each record says
 * by which claim it has its token: an older one never takes from a newer one. Each step can be repeated, and what is missing after
 * a crash is done by the next registration.
 */
export interface TokenOwners {
  find(provider: ProviderName, token: string): Promise<(DeviceRef & { readonly epoch: number }) | undefined>;
  claim(provider: ProviderName, token: string, device: DeviceRef): Promise<Claim>;
  /** To be called when the device has been written: takes the token from the former owners, or from the device itself if it was overtaken. */
  enforce(provider: ProviderName, claim: Claim, device: DeviceRef): Promise<readonly DeviceRef[]>;
  /** To be called when a device no longer has a token. */
  release(provider: ProviderName, token: string, device: StoredDevice): Promise<void>;
  /** To be called when a device is no more. */
  forget(device: StoredDevice): Promise<void>;
}

const CLAIM = loadScript("claim-token");
const RELEASE = loadScript("release-token");
const DROP_FORMER = loadScript("drop-former-owner");

export function createTokenOwners(session: RedisSession, keys: Keys, records: DeviceRecords): TokenOwners {
  async function release(provider: ProviderName, token: string, device: StoredDevice): Promise<void> {
    const released = await session.run(
      RELEASE,
      [keys.token(provider, token)],
      [writeRef(device), epochOf(device, token)],
    );
    if (released !== 0) await claimOrphan(provider, token, device);
  }

  async function forget(device: StoredDevice): Promise<void> {
    const { subscriber, id, provider, tokens } = device;
    await session.ask((client) => client.srem(keys.deviceId(id), subscriber));
    // It may have come back meanwhile.
    if ((await records.find(subscriber, id)) !== undefined) {
      await session.ask((client) => client.sadd(keys.deviceId(id), subscriber));
    }
    await Promise.all([...new Set(Object.values(tokens))].map((token) => release(provider, token, device)));
  }

  async function find(provider: ProviderName, token: string) {
    const [owner, epoch] = await session.ask((client) => client.hmget(keys.token(provider, token), "owner", "epoch"));
    return typeof owner === "string" ? { ...readRef(owner), epoch: Number(epoch) } : undefined;
  }

  /** True where the device had the token, by an older claim. */
  async function strip(provider: ProviderName, token: string, loser: DeviceRef, epoch: number): Promise<boolean> {
    const { before, after } = await records.change(loser.subscriber, loser.id, (device) =>
      device?.provider === provider && epochOf(device, token) < epoch ? withoutToken(device, token) : device,
    );
    if (before !== undefined && after === undefined) await forget(before);
    return before !== after;
  }

  async function claim(provider: ProviderName, token: string, device: DeviceRef): Promise<Claim> {
    const answer = await session.run(CLAIM, [keys.token(provider, token)], [writeRef(device)]);
    const [epoch, former] = answer as [string, [ref: string, epoch: string][]];
    return {
      token,
      epoch: Number(epoch),
      former: former.map(([ref, formerEpoch]) => ({ ...readRef(ref), epoch: Number(formerEpoch) })),
    };
  }

  /** A removal may have crossed a registration of the same device: then its record has a token that nobody owns. */
  async function claimOrphan(provider: ProviderName, token: string, device: DeviceRef): Promise<readonly DeviceRef[]> {
    const found = await records.find(device.subscriber, device.id);
    if (found?.provider !== provider || epochOf(found, token) === 0) return [];
    const again = await claim(provider, token, device);
    await records.change(device.subscriber, device.id, (current) =>
      current?.provider === provider ? withEpoch(current, again) : current,
    );
    return enforce(provider, again, device);
  }

  async function enforce(provider: ProviderName, { token, epoch, former }: Claim, device: DeviceRef) {
    const losers: DeviceRef[] = [];
    for (const loser of former) {
      if (await strip(provider, token, loser, epoch)) losers.push(loser);
      await session.run(DROP_FORMER, [keys.token(provider, token)], [writeRef(loser), loser.epoch]);
    }
    const owner = await find(provider, token);
    if (owner === undefined) losers.push(...(await claimOrphan(provider, token, device)));
    else if (!isSame(owner, device)) await strip(provider, token, device, owner.epoch);
    return losers;
  }

  return { find, claim, enforce, release, forget };
}

function writeRef({ subscriber, id }: DeviceRef): string {
  return JSON.stringify([subscriber, id]);
}

function readRef(json: string): DeviceRef {
  const [subscriber, id] = JSON.parse(json) as [Aor, string];
  return { subscriber, id };
}

function isSame(a: DeviceRef, b: DeviceRef): boolean {
  return a.subscriber === b.subscriber && a.id === b.id;
}
