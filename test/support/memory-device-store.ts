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
    const loses = (other: Device) =>
      !isSame(other) &&
      ((rules.uniqueDeviceIds && other.id === device.id) ||
        (rules.oneDevicePerSubscriber && other.subscriber === device.subscriber) ||
        (other.provider === device.provider && Object.values(other.tokens).some((token) => tokens.has(token))));
    const displaced = this.#devices.filter(loses).map(({ subscriber, id }) => ({ subscriber, deviceId: id }));
    this.#devices = [...this.#devices.filter((other) => !isSame(other) && !loses(other)), device];
    return { created, displaced };
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
    const left = Object.entries(found.tokens).filter(([, value]) => value !== token);
    const survivor = left.length === 0 ? [] : [{ ...found, tokens: Object.fromEntries(left) as DeviceTokens }];
    this.#devices = this.#devices.flatMap((device) => (device === found ? survivor : [device]));
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
