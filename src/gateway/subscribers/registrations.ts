import type { Aor } from "../../push/address.ts";
import type { Device } from "../../push/device.ts";
import type { Clock } from "../clock.ts";
import type { DeviceStore, RegisterResult, RegistrationRules } from "../device-store.ts";
import { askStore } from "../ask-store.ts";
import type { GatewayEvents } from "../gateway-events.ts";

export interface Registrations {
  register(
    device: Omit<Device, "registeredAt">,
    options?: Pick<RegistrationRules, "keepOthers">,
  ): Promise<{ readonly device: Device; readonly result: RegisterResult }>;
  unregister(subscriber: Aor, deviceId: string): Promise<boolean>;
  list(subscriber: Aor): Promise<readonly Device[]>;
}

export interface RegistrationsDeps {
  readonly devices: DeviceStore;
  readonly events: GatewayEvents;
  readonly clock: Clock;
  readonly rules: RegistrationRules;
}

/** Creates the use cases with which apps register and remove their devices. */
export function createRegistrations({ devices, events, clock, rules }: RegistrationsDeps): Registrations {
  return {
    async register(unstamped, options) {
      const asked = { ...unstamped, registeredAt: clock() };
      const result = await askStore(events, "register a device", () =>
        devices.register(asked, { ...rules, ...options }),
      );
      const device = { ...asked, ...result.learned };
      events.deviceRegistered(device, result);
      return { device, result };
    },
    async unregister(subscriber, deviceId) {
      const removed = await askStore(events, "unregister a device", () => devices.unregister(subscriber, deviceId));
      if (removed) events.deviceUnregistered(subscriber, deviceId);
      return removed;
    },
    list: (subscriber) => askStore(events, "list devices", () => devices.list(subscriber)),
  };
}
