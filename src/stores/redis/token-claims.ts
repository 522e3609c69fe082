import type { Aor } from "../../push/address.ts";
import type { Device, ProviderName } from "../../push/device.ts";
import { loadScript } from "./script.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/** Identifies a device. */
export type DeviceRef = Pick<Device, "subscriber" | "id">;

export interface NumberedOwner extends DeviceRef {
  /** Number of its claim. */
  readonly epoch: number;
}

export interface Claim {
  readonly token: string;
  /** Rises with each claim of the token. */
  readonly epoch: number;
  /** Devices that may still have the token in their records. */
  readonly former: readonly NumberedOwner[];
}

/** The key of a token: its owner, and former owners that may still have it. Each operation is one script. */
export interface TokenClaims {
  /** Returns the owner and then former owners, latest first. */
  list(provider: ProviderName, token: string): Promise<readonly NumberedOwner[]>;
  find(provider: ProviderName, token: string): Promise<NumberedOwner | undefined>;
  claim(provider: ProviderName, token: string, device: DeviceRef): Promise<Claim>;
  /** Returns true if the device was the owner by that claim. Also removes it from the former owners. */
  release(provider: ProviderName, token: string, owner: NumberedOwner): Promise<boolean>;
  keepFormer(provider: ProviderName, token: string, former: NumberedOwner): Promise<void>;
  dropFormer(provider: ProviderName, token: string, former: NumberedOwner): Promise<void>;
}

const CLAIM = loadScript("claim-token");
const KEEP_FORMER = loadScript("keep-former-owner");
const RELEASE = loadScript("release-token");
const DROP_FORMER = loadScript("drop-former-owner");

export function createTokenClaims(session: RedisSession, keys: Keys): TokenClaims {
  const dropFormer: TokenClaims["dropFormer"] = async (provider, token, former) => {
    await session.run(DROP_FORMER, [keys.token(provider, token)], [writeRef(former), former.epoch]);
  };

  return {
    async list(provider, token) {
      const { owner, epoch, ...former } = await session.ask((client) => client.hgetall(keys.token(provider, token)));
      const shared = Object.entries(former).map(([field, of]) => ({
        ...readRef(field.slice("former:".length)),
        epoch: Number(of),
      }));
      const latestFirst = shared.toSorted((a, b) => b.epoch - a.epoch);
      return owner === undefined ? latestFirst : [{ ...readRef(owner), epoch: Number(epoch) }, ...latestFirst];
    },
    async find(provider, token) {
      const [owner, epoch] = await session.ask((client) => client.hmget(keys.token(provider, token), "owner", "epoch"));
      return typeof owner === "string" ? { ...readRef(owner), epoch: Number(epoch) } : undefined;
    },
    async claim(provider, token, device) {
      const answer = await session.run(CLAIM, [keys.token(provider, token)], [writeRef(device)]);
      const [epoch, former] = answer as [string, [ref: string, epoch: string][]];
      return {
        token,
        epoch: Number(epoch),
        former: former.map(([ref, formerEpoch]) => ({ ...readRef(ref), epoch: Number(formerEpoch) })),
      };
    },
    async release(provider, token, owner) {
      const released = await session.run(RELEASE, [keys.token(provider, token)], [writeRef(owner), owner.epoch]);
      await dropFormer(provider, token, owner);
      return released !== 0;
    },
    async keepFormer(provider, token, former) {
      await session.run(KEEP_FORMER, [keys.token(provider, token)], [writeRef(former), former.epoch]);
    },
    dropFormer,
  };
}

function writeRef({ subscriber, id }: DeviceRef): string {
  return JSON.stringify([subscriber, id]);
}

function readRef(json: string): DeviceRef {
  const [subscriber, id] = JSON.parse(json) as [Aor, string];
  return { subscriber, id };
}
