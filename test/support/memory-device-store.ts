import type { Clock } from "../../src/gateway/clock.ts";
import type { DeviceStore, RegisterResult, RegistrationRules } from "../../src/gateway/device-store.ts";
import { sharedUntil } from "../../src/push/shared-token.ts";
import type { Aor } from "../../src/push/address.ts";
import {
  keepLearnedEnvironment,
  type Device,
  type DeviceTokens,
  type Environment,
  type ProviderName,
} from "../../src/push/device.ts";

/** A device, with the times since which it has tokens that it did not register. */
interface Entry {
  readonly device: Device;
  readonly replacedAt: ReadonlyMap<string, number>;
  /** Until when it keeps tokens that another device has registered since. */
  readonly sharedUntil: ReadonlyMap<string, number>;
}

/** An in-memory DeviceStore for tests of its users. */
export class MemoryDeviceStore implements DeviceStore {
  readonly #clock: Clock;
  #entries: readonly Entry[];

  constructor(devices: readonly Device[] = [], clock: Clock = Date.now) {
    this.#entries = devices.map(newEntry);
    this.#clock = clock;
  }

  async register(device: Device, rules: RegistrationRules): Promise<RegisterResult> {
    this.#entries = this.#living();
    const isSame = (other: Device) => other.subscriber === device.subscriber && other.id === device.id;
    const before = this.#entries.find((entry) => isSame(entry.device));
    const tokens = new Set(Object.values(device.tokens));
    const now = this.#clock();
    const shares = (other: Device): number | undefined => {
      const isShared =
        other.provider === device.provider && Object.values(other.tokens).some((token) => tokens.has(token));
      if (rules.uniqueDeviceIds || !isShared) return undefined;
      return sharedUntil(other, device, now) ?? (rules.keepOthers ? Infinity : undefined);
    };
    const leaveTo = ({ device: other }: Entry): Device | undefined => {
      const makesWay =
        (rules.uniqueDeviceIds && other.id === device.id) ||
        (rules.oneDevicePerSubscriber && other.subscriber === device.subscriber);
      if (makesWay) return undefined;
      if (shares(other) !== undefined) return other;
      return other.provider === device.provider ? withoutTokens(other, tokens) : other;
    };
    const others = this.#entries.filter((entry) => entry !== before).map((entry) => ({ entry, left: leaveTo(entry) }));
    const learned = keepLearnedEnvironment(device, before?.device);
    const kept = others.flatMap(({ entry, left }) => {
      if (left === undefined) return [];
      const until = shares(left);
      const shared = until === undefined ? [] : [...tokens].map((token) => [token, until] as const);
      return { ...entry, device: left, sharedUntil: new Map([...entry.sharedUntil, ...shared]) };
    });
    this.#entries = [...kept, newEntry({ ...device, ...learned })];
    const displaced = others.filter(({ entry, left }) => left !== entry.device).map(({ entry }) => entry.device);
    return {
      created: before === undefined,
      displaced: displaced.map(({ subscriber, id }) => ({ subscriber, deviceId: id })),
      ...(learned === undefined ? {} : { learned }),
    };
  }

  async unregister(subscriber: Aor, deviceId: string): Promise<boolean> {
    const before = this.#entries.length;
    this.#entries = this.#entries.filter(({ device }) => device.subscriber !== subscriber || device.id !== deviceId);
    return this.#entries.length < before;
  }

  async list(subscriber: Aor): Promise<readonly Device[]> {
    const devices = this.#living()
      .map(({ device }) => device)
      .filter((device) => device.subscriber === subscriber);
    return devices.toSorted((a, b) => a.registeredAt - b.registeredAt);
  }

  async findOwner(provider: ProviderName, token: string): Promise<Device | undefined> {
    return this.#find(provider, token)?.device;
  }

  async prune(provider: ProviderName, token: string, notRegisteredSince: number): Promise<Device | undefined> {
    const found = this.#findAll(provider, token).find(
      ({ device, replacedAt }) => (replacedAt.get(token) ?? device.registeredAt) < notRegisteredSince,
    );
    if (found === undefined) return undefined;
    this.#put(found, withoutTokens(found.device, new Set([token])));
    return found.device;
  }

  async replaceToken(provider: ProviderName, oldToken: string, newToken: string): Promise<Device | undefined> {
    if (oldToken === newToken) return this.#find(provider, oldToken)?.device;
    const holders = this.#findAll(provider, oldToken);
    const newOwner = this.#find(provider, newToken)?.device;
    const now = this.#clock();
    for (const { device, replacedAt, sharedUntil: shared } of holders) {
      const until = newOwner === undefined ? shared.get(oldToken) : sharedUntil(device, newOwner, now);
      const isKept = newOwner === undefined || until !== undefined;
      const all = Object.entries(device.tokens);
      const tokens = all.map(([kind, value]) => [kind, value === oldToken ? newToken : value]);
      const renewed = { ...device, tokens: Object.fromEntries(tokens) as DeviceTokens };
      const entry = {
        device,
        replacedAt: new Map([...replacedAt, [newToken, now]]),
        sharedUntil: new Map([...shared, ...(until === undefined ? [] : [[newToken, until] as const])]),
      };
      this.#put(entry, isKept ? renewed : withoutTokens(device, new Set([oldToken])));
    }
    return holders.length === 0 ? undefined : this.#find(provider, newToken)?.device;
  }

  async learnEnvironment(provider: ProviderName, token: string, environment: Environment): Promise<Device | undefined> {
    const found = this.#findAll(provider, token).find(({ device }) => device.environment !== environment);
    if (found === undefined) return undefined;
    const corrected = { ...found.device, environment, environmentLearnedAt: this.#clock() };
    this.#put(found, corrected);
    return corrected;
  }

  #put({ device: { subscriber, id }, replacedAt, sharedUntil: shared }: Entry, next: Device | undefined): void {
    this.#entries = this.#entries.flatMap((entry) => {
      if (entry.device.subscriber !== subscriber || entry.device.id !== id) return entry;
      return next === undefined ? [] : { device: next, replacedAt, sharedUntil: shared };
    });
  }

  /** Returns the device that registered the token last. */
  #find(provider: ProviderName, token: string): Entry | undefined {
    const all = this.#findAll(provider, token);
    return all.find(({ sharedUntil: shared }) => !shared.has(token)) ?? all.at(-1);
  }

  #findAll(provider: ProviderName, token: string): readonly Entry[] {
    return this.#living().filter(
      ({ device }) => device.provider === provider && Object.values(device.tokens).includes(token),
    );
  }

  /** Returns the devices without tokens whose sharing has expired. */
  #living(): readonly Entry[] {
    const now = this.#clock();
    return this.#entries.flatMap((entry) => {
      const over = [...entry.sharedUntil].flatMap(([token, until]) => (until > now ? [] : [token]));
      const device = withoutTokens(entry.device, new Set(over));
      if (device === entry.device) return entry;
      return device === undefined ? [] : { ...entry, device };
    });
  }
}

function newEntry(device: Device): Entry {
  return { device, replacedAt: new Map(), sharedUntil: new Map() };
}

/** Returns the same device if it has none of the tokens, or undefined if it has no others. */
function withoutTokens(device: Device, tokens: ReadonlySet<string>): Device | undefined {
  const all = Object.entries(device.tokens);
  const left = all.filter(([, token]) => !tokens.has(token));
  if (left.length === all.length) return device;
  return left.length === 0 ? undefined : { ...device, tokens: Object.fromEntries(left) as DeviceTokens };
}
