import type { PhoneAddress } from "../../push/device.ts";
import { invalidField, needField, type Fields } from "../fields.ts";
import { buildPhone, readAppId, readPlatform } from "../phone-address.ts";
import { needPhone } from "../push-draft.ts";

/**
 * Reads the phone. An iPhone's tokens come as `VOIP-BACKGROUND` or `VOIP#BACKGROUND`; `lone` is the kind of a single
 * one.
 */
export function readPhone(fields: Fields, lone: "voip" | "remote"): PhoneAddress {
  const platform = readPlatform(needField(fields, "platform"));
  if (platform === undefined) throw invalidField("platform", "must be 'apple', 'android' or 'firebase'");
  const { app, environment } = readAppId(needField(fields, "app-id"));
  const token = needField(fields, "token");
  const [first = "", second] = token.split(/[-#]/);
  const apple = second === undefined ? { [lone]: first } : { voip: first, remote: second };
  const tokens = platform === "google" ? { registration: token } : apple;
  return needPhone("token", buildPhone(platform, tokens, { app, environment }));
}
