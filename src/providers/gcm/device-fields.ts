import { GatewayError } from "../../gateway/errors.ts";
import type { DeviceTokens } from "../../push/device.ts";
import { readRegistrationToken, refuseTokens } from "../google/device-fields.ts";
import type { DeviceFields } from "../provider-module.ts";

/** Reads `token` of an Android phone. */
export function readDeviceFields(body: DeviceFields): DeviceTokens {
  refuseTokens(body);
  const { fid, os } = body;
  if (fid !== undefined || os === "ios") {
    const field = fid === undefined ? "os" : "fid";
    throw new GatewayError("invalid_field", `Google's old API knows no ${field}: use provider fcm.`, { field });
  }
  return { registration: readRegistrationToken(body) };
}
