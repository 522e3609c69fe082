import type { DeviceStore, RegisterResult, RegistrationRules } from "../../src/gateway/device-store.ts";
import type { Aor } from "../../src/push/address.ts";
import type { Device, DeviceTokens, ProviderName } from "../../src/push/device.ts";

/** A DeviceStore for tests of its users. */
export class MemoryDeviceStore implements DeviceStore {
  #devices: readonly Device[];

  constructor(devices: readonly Device[] = []) {
    this.#devices = devices;
  }

  async register(device: Device, rules: RegistrationRules): Promise<RegisterResult> {
    const isSame = (other: Device) => other.subscriber === device.subscriber && other.id === device.id;
    const created = !this.#devices.some(isSame);
    const tokens = new Set(Object.values(device.tokens));
    const leaveTo = (other: Device): Device | undefined => {
      const makesWay =
        (rules.uniqueDeviceIds && other.id === device.id) ||
        (rules.oneDevicePerSubscriber && other.subscriber === device.subscriber);
      if (makesWay) return undefined;
      return other.provider === device.provider ? withoutTokens(other, tokens) : other;
    };
    const others = this.#devices.filter((other) => !isSame(other)).map((other) => ({ other, left: leaveTo(other) }));
    this.#devices = [...others.flatMap(({ left }) => left ?? []), device];
    const displaced = others.filter(({ other, left }) => left !== other);
    return { created, displaced: displaced.map(({ other: { subscriber, id } }) => ({ subscriber, deviceId: id })) };
  }

  async unregister(subscriber: Aor, deviceId: string): Promise<boolean> {
    const before = this.#devices.length;
    this.#devices = this.#devices.filter((device) => device.subscriber !== subscriber || device.id !== deviceId);
    return this.#devices.length < before;
  }

  async list(subscriber: Aor): Promise<readonly Device[]> {
    return this.#devices.filter((device) => device.subscriber === subscriber);
  }

  async prune(provider: ProviderName, token: string, notRegisteredSince: number): Promise<Device | undefined> {
    const found = this.#find(provider, token);
    if (found === undefined || found.registeredAt >= notRegisteredSince) return undefined;
    const left = withoutTokens(found, new Set([token]));
    this.#devices = this.#devices.flatMap((device) => (device === found ? (left ?? []) : device));
    return found;
  }

  async replaceToken(provider: ProviderName, oldToken: string, newToken: string): Promise<Device | undefined> {
    const found = this.#find(provider, oldToken);
    if (found === undefined) return undefined;
    const tokens = Object.entries(found.tokens).map(([kind, value]) => [kind, value === oldToken ? newToken : value]);
    const renewed = { ...found, tokens: Object.fromEntries(tokens) as DeviceTokens };
    this.#devices = this.#devices.map((device) => (device === found ? renewed : device));
    return renewed;
  }

  #find(provider: ProviderName, token: string): Device | undefined {
    return this.#devices.find((device) => device.provider === provider && Object.values(device.tokens).includes(token));
  }
}

/** The same device where it has none of them, undefined where it has no others. */
function withoutTokens(device: Device, tokens: ReadonlySet<string>): Device | undefined {
  const all = Object.entries(device.tokens);
  const left = all.filter(([, token]) => !tokens.has(token));
  if (left.length === all.length) return device;
  return left.length === 0 ? undefined : { ...device, tokens: Object.fromEntries(left) as DeviceTokens };
}
