import { randomBytes } from "node:crypto";
import { GatewayError } from "../../gateway/errors.ts";
import { readToken, type DeviceTokens } from "../../push/device.ts";
import type { DeviceFields } from "../provider-module.ts";
import { compact } from "../../push/compact.ts";

/** Reads `tokens`: an iPhone has one for calls, one for alerts, or both. */
export function readDeviceFields({ token, tokens, fid, os }: DeviceFields): DeviceTokens {
  if (fid !== undefined) {
    throw new GatewayError("invalid_field", "A Firebase installation id is for provider fcm; apns has tokens.", {
      field: "fid",
    });
  }
  if (os === "android") {
    throw new GatewayError("invalid_field", "A device of apns runs ios.", { field: "os" });
  }
  if (token !== undefined) {
    throw new GatewayError("invalid_field", "An iPhone has two tokens: send tokens.voip, tokens.remote or both.", {
      field: "token",
    });
  }
  const { voip, remote } = tokens ?? {};
  if (voip === undefined && remote === undefined) {
    throw new GatewayError("missing_field", "tokens.voip, tokens.remote or both are needed.", { field: "tokens" });
  }
  return compact({
    voip: voip === undefined ? undefined : readApnsToken("tokens.voip", voip),
    remote: remote === undefined ? undefined : readApnsToken("tokens.remote", remote),
  });
}

function readApnsToken(field: string, text: string): string {
  const token = readToken("remote", text);
  if (token !== undefined) return token;
  const detail = `${field} has to be the token's bytes in hex: an even number of digits, 8 to 400.`;
  throw new GatewayError("invalid_field", detail, { field });
}

export function inventDeviceFields(): Omit<DeviceFields, "provider"> {
  return { tokens: { voip: randomBytes(32).toString("hex") } };
}
