import { randomBytes } from "node:crypto";
import { GatewayError } from "../../gateway/errors.ts";
import { readToken } from "../../push/device.ts";
import type { DeviceFields } from "../provider-module.ts";

/** Throws if the app sent several tokens, as an iPhone without Firebase has. */
export function refuseTokens({ tokens, provider }: DeviceFields): void {
  if (tokens === undefined) return;
  const detail = `A device of ${provider} has one token: send it as token.`;
  throw new GatewayError("invalid_field", detail, { field: "tokens" });
}

export function readRegistrationToken({ token }: DeviceFields): string {
  if (token === undefined) throw new GatewayError("missing_field", "token is needed.", { field: "token" });
  const registration = readToken("registration", token);
  if (registration !== undefined) return registration;
  const detail =
    "token has to be a registration token: 8 to 4096 printable ASCII characters without spaces, and no mere word.";
  throw new GatewayError("invalid_field", detail, { field: "token" });
}

export function inventDeviceFields(): Omit<DeviceFields, "provider"> {
  return { token: `${randomBytes(11).toString("base64url")}:APA91b${randomBytes(60).toString("base64url")}` };
}
