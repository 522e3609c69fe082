import type { DeviceOrder } from "../../gateway/dialect.ts";
import type { Aor } from "../../push/address.ts";
import { findField, invalidField, needField, readJsonObject, readMembers, type Fields } from "../fields.ts";
import { readDeviceName } from "../push-draft.ts";
import { readPhone } from "./phone.ts";

const LONGEST_NAME = 100;

export function readNewDevice(subscriber: Aor, body: Uint8Array): DeviceOrder {
  const fields = readMembers(readJsonObject(body));
  const name = findField(fields, "user-agent");
  return {
    kind: "register",
    device: {
      subscriber,
      id: readDeviceId(fields),
      ...readPhone(fields, "voip"),
      // Python's client writes `None` for a missing name.
      ...(name === undefined || name === "None" ? {} : { name: name.slice(0, LONGEST_NAME).toWellFormed() }),
    },
  };
}

export function readRemoval(subscriber: Aor, body: Uint8Array): DeviceOrder {
  const fields = readMembers(readJsonObject(body));
  return { kind: "unregister", subscriber, deviceId: readDeviceId(fields) };
}

function readDeviceId(fields: Fields): string {
  const id = readDeviceName(needField(fields, "device-id"));
  if (id === undefined) throw invalidField("device-id", "is longer than 128 characters, or has other ones than an id");
  return id;
}
