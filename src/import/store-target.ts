import { isDeepStrictEqual } from "node:util";
import type { DeviceStore } from "../gateway/device-store.ts";
import type { PreferenceStore } from "../gateway/preference-store.ts";
import type { Aor } from "../push/address.ts";
import type { Device } from "../push/device.ts";
import type { ImportTarget } from "./run-import.ts";

export interface StoreTargetDeps {
  readonly devices: DeviceStore;
  readonly preferences: PreferenceStore;
  /** True to replace preferences that are set already. */
  readonly replacePreferences: boolean;
}

/** NGCP applied these rules when the rows were written. */
const NO_RULES = { uniqueDeviceIds: false, oneDevicePerSubscriber: false };

/** Writes into a gateway's store, but never over newer data from the phones. */
export function createStoreTarget({ devices, preferences, replacePreferences }: StoreTargetDeps): ImportTarget {
  async function findNewer({ subscriber, id, provider, tokens, registeredAt }: Device): Promise<Device | undefined> {
    const owners = await Promise.all(Object.values(tokens).map((token) => devices.findOwner(provider, token)));
    return owners.find(
      (owner) =>
        owner !== undefined &&
        (owner.subscriber !== subscriber || owner.id !== id) &&
        owner.registeredAt >= registeredAt,
    );
  }

  return {
    async writeDevice(device) {
      const present = (await devices.list(device.subscriber)).find(({ id }) => id === device.id);
      if (present !== undefined && isSame(present, device)) return "unchanged";
      if (present !== undefined && present.registeredAt > device.registeredAt) return "newer";
      if ((await findNewer(device)) !== undefined) return "newer";
      await devices.register(device, NO_RULES);
      return "written";
    },
    async writePreferences(level, owner, wanted) {
      const present =
        level === "dom" ? await preferences.readDomain(owner) : await preferences.readSubscriber(owner as Aor);
      if (isDeepStrictEqual(present, { ...present, ...wanted })) return "unchanged";
      const patch = replacePreferences
        ? wanted
        : Object.fromEntries(Object.entries(wanted).filter(([key]) => !(key in present)));
      if (Object.keys(patch).length === 0) return "newer";
      if (level === "dom") await preferences.patchDomain(owner, patch);
      else await preferences.patchSubscriber(owner as Aor, patch);
      return "written";
    },
  };
}

/** Ignores what the gateway found out by itself. */
function isSame(present: Device, device: Device): boolean {
  return (
    present.registeredAt === device.registeredAt &&
    present.provider === device.provider &&
    isDeepStrictEqual({ ...present.tokens }, { ...device.tokens })
  );
}
