import { GatewayError } from "../../gateway/errors.ts";
import { isFid, kindOfFirebaseToken, type DeviceTokens } from "../../push/device.ts";
import { readRegistrationToken, refuseTokens } from "../google/device-fields.ts";
import type { DeviceFields } from "../provider-module.ts";

/** Reads `token` or `fid`, of an Android phone or, with `os`, of an iPhone whose app uses Firebase. */
export function readDeviceFields(body: DeviceFields): DeviceTokens {
  refuseTokens(body);
  const { fid, os } = body;
  if (fid !== undefined) return readInstallationId(fid, body);
  const token = readRegistrationToken(body);
  return { [kindOfFirebaseToken(token, os)]: token };
}

function readInstallationId(fid: string, { token, os }: DeviceFields): DeviceTokens {
  if (token !== undefined) {
    throw new GatewayError("invalid_field", "A device has a token or a fid: send one of them.", { field: "fid" });
  }
  if (isFid(fid)) return { [kindOfFirebaseToken(fid, os)]: fid };
  const detail =
    "fid has to be a Firebase installation id: 22 letters, digits, _ and -, the first of them c, d, e or f.";
  throw new GatewayError("invalid_field", detail, { field: "fid" });
}
