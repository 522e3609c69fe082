import type { Clock } from "../../gateway/clock.ts";
import type { Aor } from "../../push/address.ts";
import type { Device, ProviderName } from "../../push/device.ts";
import {
  epochOf,
  whatIsLeft,
  withEpoch,
  withShared,
  withoutToken,
  type DeviceRecords,
  type StoredDevice,
} from "./device-records.ts";
import { loadScript } from "./script.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/** Which device of whom. */
export type DeviceRef = Pick<Device, "subscriber" | "id">;

export interface NumberedOwner extends DeviceRef {
  /** Of its claim. */
  readonly epoch: number;
}

export interface Claim {
  readonly token: string;
  /** Grows with each claim of the token. */
  readonly epoch: number;
  /** Those that may still have the token in their records. */
  readonly former: readonly NumberedOwner[];
}

/**
 * Who owns a token. Token and device lie in different slots, so no script can change both. Claims are numbered instead, and each record says
 * by which claim it has its token: an older one never takes from a newer one. Each step can be repeated, and what is missing after
 * a crash is done by the next registration.
 */
export interface TokenOwners {
  /** Who may have the token in its record: the owner, then those who share it, the latest first. */
  list(provider: ProviderName, token: string): Promise<readonly NumberedOwner[]>;
  claim(provider: ProviderName, token: string, device: DeviceRef): Promise<Claim>;
  /**
   * To be called when the device has been written: takes the token from the former owners that do not share it, or from the device itself if
   * it was overtaken.
   */
  enforce(provider: ProviderName, claim: Claim, device: Device, share?: Share): Promise<readonly DeviceRef[]>;
  /** To be called when a device no longer has a token. */
  release(provider: ProviderName, token: string, device: StoredDevice): Promise<void>;
  /** To be called when a device is no more. */
  forget(device: StoredDevice): Promise<void>;
}

/** Until when the older device keeps a token that the newer one registers, epoch milliseconds; undefined: it loses it. */
export type Share = (older: Device, newer: Device) => number | undefined;

const shareNothing: Share = () => undefined;

const CLAIM = loadScript("claim-token");
const KEEP_FORMER = loadScript("keep-former-owner");
const RELEASE = loadScript("release-token");
const DROP_FORMER = loadScript("drop-former-owner");

export function createTokenOwners(
  session: RedisSession,
  keys: Keys,
  records: DeviceRecords,
  clock: Clock,
): TokenOwners {
  async function release(provider: ProviderName, token: string, device: StoredDevice): Promise<void> {
    const released = await session.run(
      RELEASE,
      [keys.token(provider, token)],
      [writeRef(device), epochOf(device, token)],
    );
    await session.run(DROP_FORMER, [keys.token(provider, token)], [writeRef(device), epochOf(device, token)]);
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

  async function list(provider: ProviderName, token: string): Promise<readonly NumberedOwner[]> {
    const { owner, epoch, ...former } = await session.ask((client) => client.hgetall(keys.token(provider, token)));
    const shared = Object.entries(former).map(([field, of]) => ({
      ...readRef(field.slice("former:".length)),
      epoch: Number(of),
    }));
    const latestFirst = shared.toSorted((a, b) => b.epoch - a.epoch);
    return owner === undefined ? latestFirst : [{ ...readRef(owner), epoch: Number(epoch) }, ...latestFirst];
  }

  async function find(provider: ProviderName, token: string) {
    const [owner, epoch] = await session.ask((client) => client.hmget(keys.token(provider, token), "owner", "epoch"));
    return typeof owner === "string" ? { ...readRef(owner), epoch: Number(epoch) } : undefined;
  }

  /** What becomes of a token that the device has by an older claim. */
  async function overtake(
    provider: ProviderName,
    { token, epoch }: Pick<Claim, "token" | "epoch">,
    older: DeviceRef,
    share: (older: Device) => number | undefined,
  ): Promise<"lost" | "shared" | "none"> {
    const { before, after } = await records.change(older.subscriber, older.id, (device) => {
      if (device?.provider !== provider || epochOf(device, token) >= epoch) return device;
      const until = share(device);
      return until === undefined ? withoutToken(device, token) : withShared(device, token, until);
    });
    if (before !== undefined && after === undefined) await forget(before);
    const has = after?.provider === provider ? epochOf(after, token) : 0;
    if (has > 0 && has < epoch) return "shared";
    const had = before && whatIsLeft(before, clock());
    return had === undefined || epochOf(had, token) === 0 || before === after ? "none" : "lost";
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
    return enforce(provider, again, found);
  }

  async function enforce(provider: ProviderName, claimed: Claim, device: Device, share: Share = shareNothing) {
    const { token, epoch, former } = claimed;
    const key = keys.token(provider, token);
    const losers: DeviceRef[] = [];
    for (const older of former) {
      const end = await overtake(provider, claimed, older, (record) => share(record, device));
      if (end === "lost") losers.push(older);
      if (end !== "shared") await session.run(DROP_FORMER, [key], [writeRef(older), older.epoch]);
    }
    const owner = await find(provider, token);
    if (owner === undefined) losers.push(...(await claimOrphan(provider, token, device)));
    else if (!isSame(owner, device)) {
      await session.run(KEEP_FORMER, [key], [writeRef(device), epoch]);
      await yieldTo(provider, token, device, share);
    }
    return losers;
  }

  /** Another device has claimed the token since. If it is not written yet, it looks at this one when it is. */
  async function yieldTo(provider: ProviderName, token: string, device: Device, share: Share): Promise<void> {
    const owner = await find(provider, token);
    if (owner === undefined || isSame(owner, device)) return;
    const newer = await records.find(owner.subscriber, owner.id);
    if (newer?.provider !== provider || epochOf(newer, token) < owner.epoch) return;
    await overtake(provider, { token, epoch: owner.epoch }, device, (record) => share(record, newer));
  }

  return { list, claim, enforce, release, forget };
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
