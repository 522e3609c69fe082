import type { Aor } from "../../push/address.ts";
import type { Device, DeviceTokens, TokenKind } from "../../push/device.ts";
import { RedisStoreError } from "./redis-error.ts";
import { loadScript } from "./script.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

/** A device in its subscriber's hash. */
export interface StoredDevice extends Device {
  /** Number of the claim by which it has each token. */
  readonly claims?: Readonly<Partial<Record<TokenKind, number>>>;
  /** When the provider replaced a token after the registration. */
  readonly replacedAt?: Readonly<Partial<Record<TokenKind, number>>>;
  /** Until when it keeps tokens that another device has registered since, in epoch milliseconds. */
  readonly shared?: Readonly<Partial<Record<TokenKind, number>>>;
}

export interface DeviceChange {
  readonly before: StoredDevice | undefined;
  readonly after: StoredDevice | undefined;
}

export interface DeviceRecords {
  list(subscriber: Aor): Promise<readonly StoredDevice[]>;
  find(subscriber: Aor, id: string): Promise<StoredDevice | undefined>;
  /** Changes a device atomically, even with concurrent writers. Undefined means that there is no device. */
  change(
    subscriber: Aor,
    id: string,
    decide: (device: StoredDevice | undefined) => StoredDevice | undefined,
  ): Promise<DeviceChange>;
}

const SWAP = loadScript("swap-field");
const MAX_TRIES = 20;

export function createDeviceRecords(session: RedisSession, keys: Keys): DeviceRecords {
  const readRaw = (subscriber: Aor, id: string) =>
    session.ask((client) => client.hget(keys.devices(subscriber), id)).then((raw) => raw ?? "");

  return {
    async list(subscriber) {
      const hash = await session.ask((client) => client.hgetall(keys.devices(subscriber)));
      const devices = Object.values(hash).flatMap((raw) => readDevice(subscriber, raw) ?? []);
      return devices.toSorted((a, b) => a.registeredAt - b.registeredAt || (a.id < b.id ? -1 : 1));
    },
    find: async (subscriber, id) => readDevice(subscriber, await readRaw(subscriber, id)),
    async change(subscriber, id, decide) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const raw = await readRaw(subscriber, id);
        const before = readDevice(subscriber, raw);
        const after = decide(before);
        if (after === before) return { before, after };
        const isDone = await session.run(SWAP, [keys.devices(subscriber)], [id, raw, writeDevice(after)]);
        if (isDone === 1) return { before, after };
      }
      const message = `${session.where}: device ${id} of ${subscriber} was changed by others ${MAX_TRIES} times. Try again.`;
      throw new RedisStoreError("failed", message);
    },
  };
}

function readDevice(subscriber: Aor, raw: string): StoredDevice | undefined {
  return raw === "" ? undefined : { subscriber, ...(JSON.parse(raw) as Omit<StoredDevice, "subscriber">) };
}

function writeDevice(device: StoredDevice | undefined): string {
  if (device === undefined) return "";
  const { subscriber: _inTheKey, ...rest } = device;
  return JSON.stringify(rest);
}

export function listTokens({ tokens }: Device): ReadonlySet<string> {
  return new Set(Object.values(tokens));
}

function kindsOf({ tokens }: Device, token: string): readonly TokenKind[] {
  return (Object.entries(tokens) as [TokenKind, string][]).flatMap(([kind, held]) => (held === token ? [kind] : []));
}

/** Returns the device without the token, or undefined if it was the last one, which removes the device. */
export function withoutToken(device: StoredDevice, token: string): StoredDevice | undefined {
  const kinds = new Set<string>(kindsOf(device, token));
  if (kinds.size === 0) return device;
  const left: DeviceTokens = Object.fromEntries(Object.entries(device.tokens).filter(([kind]) => !kinds.has(kind)));
  return Object.keys(left).length === 0 ? undefined : { ...device, tokens: left };
}

/** Returns the device with the token shared until that time with the device that has registered it since. */
export function withShared(device: StoredDevice, token: string, until: number): StoredDevice {
  const kinds = kindsOf(device, token);
  if (kinds.every((kind) => device.shared?.[kind] === until)) return device;
  return { ...device, shared: { ...device.shared, ...Object.fromEntries(kinds.map((kind) => [kind, until])) } };
}

/** Returns the device without tokens whose sharing has expired, or undefined if it has no others. */
export function whatIsLeft(device: StoredDevice, now: number): StoredDevice | undefined {
  const over = Object.entries(device.shared ?? {}).flatMap(([kind, until]) => (until > now ? [] : [kind as TokenKind]));
  return over.reduce<StoredDevice | undefined>((left, kind) => {
    const token = device.tokens[kind];
    return left === undefined || token === undefined ? left : withoutToken(left, token);
  }, device);
}

interface NumberedToken {
  readonly token: string;
  readonly epoch: number;
}

/**
 * Returns the device with its claims. If it registers twice at the same time, the later claim counts, whichever is
 * written last.
 */
export function withClaims(device: Device, claimed: readonly NumberedToken[], before: StoredDevice | undefined) {
  const known = (token: string) => (before?.provider === device.provider ? epochOf(before, token) : 0);
  const claims = claimed.flatMap(({ token, epoch }) =>
    kindsOf(device, token).map((kind) => [kind, Math.max(epoch, known(token))]),
  );
  return { ...device, claims: Object.fromEntries(claims) };
}

export function withEpoch(device: StoredDevice, { token, epoch }: NumberedToken): StoredDevice {
  const kinds = kindsOf(device, token);
  if (kinds.length === 0 || epochOf(device, token) >= epoch) return device;
  return { ...device, claims: { ...device.claims, ...Object.fromEntries(kinds.map((kind) => [kind, epoch])) } };
}

export function withToken(device: StoredDevice, oldToken: string, { token, epoch }: NumberedToken, now: number) {
  const forKinds = <T>(value: T) => Object.fromEntries(kindsOf(device, oldToken).map((kind) => [kind, value]));
  return {
    ...device,
    tokens: { ...device.tokens, ...forKinds(token) },
    claims: { ...device.claims, ...forKinds(epoch) },
    replacedAt: { ...device.replacedAt, ...forKinds(now) },
  };
}

/** Returns the number of the claim by which the device has the token, or 0 if it does not have it. */
export function epochOf(device: StoredDevice, token: string): number {
  const [kind] = kindsOf(device, token);
  return kind === undefined ? 0 : (device.claims?.[kind] ?? 0);
}

/** Returns until when the device shares the token, or undefined if it owns the token or does not have it. */
export function sharesUntil(device: StoredDevice, token: string): number | undefined {
  const [kind] = kindsOf(device, token);
  return kind && device.shared?.[kind];
}

/** Returns when the device got the token, or undefined if it does not have it. */
export function tokenSince(device: StoredDevice, token: string): number | undefined {
  const [kind] = kindsOf(device, token);
  return kind === undefined ? undefined : (device.replacedAt?.[kind] ?? device.registeredAt);
}

export function toDevice({
  claims: _claims,
  replacedAt: _replacedAt,
  shared: _shared,
  ...device
}: StoredDevice): Device {
  return device;
}
