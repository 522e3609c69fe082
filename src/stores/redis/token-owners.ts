import { sharedUntil } from "../../push/shared-token.ts";
import type { Clock } from "../../gateway/clock.ts";
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
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";
import { createTokenClaims, type Claim, type TokenClaims, type DeviceRef, type NumberedOwner } from "./token-claims.ts";

/**
 * Owners of tokens. Token and device are in different slots, so no script can change both. Claims are numbered instead,
 * and each record says by which claim it has its token: an older claim never takes a token from a newer one. Each step
 * can be repeated, and the next registration completes what a crash left undone.
 */
export interface TokenOwners {
  /**
   * Returns the devices that may have the token in their records: the owner, then those that share it, latest first.
   */
  list(provider: ProviderName, token: string): Promise<readonly NumberedOwner[]>;
  claim(provider: ProviderName, token: string, device: DeviceRef): Promise<Claim>;
  /**
   * Call after the device has been written. Takes the token from former owners that do not share it, or from the device
   * itself if it was overtaken.
   */
  enforce(provider: ProviderName, claim: Claim, device: Device, share?: Share): Promise<readonly DeviceRef[]>;
  /** Call when a device no longer has a token. */
  release(provider: ProviderName, token: string, device: StoredDevice): Promise<void>;
  /** Call when a device has been removed. */
  forget(device: StoredDevice): Promise<void>;
}

/**
 * Returns until when the older device keeps a token that the newer one registers, in epoch milliseconds, or undefined
 * if it loses the token.
 */
export type Share = (older: Device, newer: Device) => number | undefined;

const shareNothing: Share = () => undefined;

export function createTokenOwners(
  session: RedisSession,
  keys: Keys,
  records: DeviceRecords,
  clock: Clock,
): TokenOwners {
  return new RedisTokenOwners(session, keys, records, clock);
}

class RedisTokenOwners implements TokenOwners {
  readonly #session: RedisSession;
  readonly #keys: Keys;
  readonly #records: DeviceRecords;
  readonly #clock: Clock;
  readonly #claims: TokenClaims;

  constructor(session: RedisSession, keys: Keys, records: DeviceRecords, clock: Clock) {
    this.#session = session;
    this.#keys = keys;
    this.#records = records;
    this.#clock = clock;
    this.#claims = createTokenClaims(session, keys);
  }

  list(provider: ProviderName, token: string): Promise<readonly NumberedOwner[]> {
    return this.#claims.list(provider, token);
  }

  claim(provider: ProviderName, token: string, device: DeviceRef): Promise<Claim> {
    return this.#claims.claim(provider, token, device);
  }

  async release(provider: ProviderName, token: string, device: StoredDevice): Promise<void> {
    const { subscriber, id } = device;
    const isReleased = await this.#claims.release(provider, token, { subscriber, id, epoch: epochOf(device, token) });
    if (isReleased) await this.#claimOrphan(provider, token, device);
  }

  async forget(device: StoredDevice): Promise<void> {
    const { subscriber, id, provider, tokens } = device;
    await this.#session.ask((client) => client.srem(this.#keys.deviceId(id), subscriber));
    // The device may have come back meanwhile.
    if ((await this.#records.find(subscriber, id)) !== undefined) {
      await this.#session.ask((client) => client.sadd(this.#keys.deviceId(id), subscriber));
    }
    await Promise.all([...new Set(Object.values(tokens))].map((token) => this.release(provider, token, device)));
  }

  /** Removes or shares a token that the device has by an older claim. */
  async #overtake(
    provider: ProviderName,
    { token, epoch }: Pick<Claim, "token" | "epoch">,
    older: DeviceRef,
    share: (older: Device) => number | undefined,
  ): Promise<"lost" | "shared" | "none"> {
    const { before, after } = await this.#records.change(older.subscriber, older.id, (device) => {
      if (device?.provider !== provider || epochOf(device, token) >= epoch) return device;
      const until = share(device);
      return until === undefined ? withoutToken(device, token) : withShared(device, token, until);
    });
    if (before !== undefined && after === undefined) await this.forget(before);
    const has = after?.provider === provider ? epochOf(after, token) : 0;
    if (has > 0 && has < epoch) return "shared";
    const had = before && whatIsLeft(before, this.#clock());
    return had === undefined || epochOf(had, token) === 0 || before === after ? "none" : "lost";
  }

  /**
   * A removal may have overlapped a registration of the same device, whose record then has a token without an owner.
   */
  async #claimOrphan(provider: ProviderName, token: string, device: DeviceRef): Promise<readonly DeviceRef[]> {
    const found = await this.#records.find(device.subscriber, device.id);
    if (found?.provider !== provider || epochOf(found, token) === 0) return [];
    const again = await this.#claims.claim(provider, token, device);
    await this.#records.change(device.subscriber, device.id, (current) =>
      current?.provider === provider ? withEpoch(current, again) : current,
    );
    const now = this.#clock();
    return this.enforce(provider, again, found, (older, newer) => sharedUntil(older, newer, now));
  }

  async enforce(provider: ProviderName, claimed: Claim, device: Device, share: Share = shareNothing) {
    const { token, epoch, former } = claimed;
    const losers: DeviceRef[] = [];
    for (const older of former) {
      const end = await this.#overtake(provider, claimed, older, (record) => share(record, device));
      if (end === "lost") losers.push(older);
      if (end !== "shared") await this.#claims.dropFormer(provider, token, older);
    }
    const owner = await this.#claims.find(provider, token);
    if (owner === undefined) losers.push(...(await this.#claimOrphan(provider, token, device)));
    else if (!isSame(owner, device)) {
      const former = { subscriber: device.subscriber, id: device.id, epoch };
      await this.#claims.keepFormer(provider, token, former);
      const isLost = await this.#yieldTo(provider, token, device, share);
      if (isLost) await this.#claims.dropFormer(provider, token, former);
    }
    return losers;
  }

  /**
   * Gives way to another device that has claimed the token since. If that is not written yet, it checks this one when
   * it is. Returns true if the token is lost.
   */
  async #yieldTo(provider: ProviderName, token: string, device: Device, share: Share): Promise<boolean> {
    const owner = await this.#claims.find(provider, token);
    if (owner === undefined || isSame(owner, device)) return false;
    const newer = await this.#records.find(owner.subscriber, owner.id);
    if (newer?.provider !== provider || epochOf(newer, token) < owner.epoch) return false;
    const claimed = { token, epoch: owner.epoch };
    return (await this.#overtake(provider, claimed, device, (record) => share(record, newer))) === "lost";
  }
}

function isSame(a: DeviceRef, b: DeviceRef): boolean {
  return a.subscriber === b.subscriber && a.id === b.id;
}
