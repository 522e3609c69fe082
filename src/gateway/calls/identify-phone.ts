import { findAnsweringPhone, type AnsweringPhone } from "../../push/answering-phone.ts";
import type { Call } from "../../push/call.ts";
import type { ReadContacts } from "../contact-reading.ts";
import type { DeviceStore } from "../device-store.ts";
import { compact } from "../../push/compact.ts";

/** Finds out which of the callee's phones a Contact header belongs to. Rejects if the store does not answer. */
export type IdentifyPhone = (call: Call, contact: string) => Promise<AnsweringPhone>;

export interface IdentifyPhoneDeps {
  readonly devices: Pick<DeviceStore, "list">;
  readonly readContacts: ReadContacts;
}

export function createIdentifyPhone({ devices, readContacts }: IdentifyPhoneDeps): IdentifyPhone {
  return async ({ callee, registrations }, contact) => {
    const [reading] = readContacts({ contact });
    const binding = reading !== undefined && "binding" in reading ? reading.binding : undefined;
    const phone = reading !== undefined && "phone" in reading ? reading.phone : undefined;
    const { uri = "", instance, deviceId } = binding ?? {};
    const said = compact({
      uri,
      instance,
      deviceId,
      tokens: Object.values(phone?.tokens ?? {}),
    });
    return findAnsweringPhone(said, registrations, await devices.list(callee));
  };
}
