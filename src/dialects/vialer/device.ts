import { createHash } from "node:crypto";
import type { DeviceOrder, ForeignRequest } from "../../gateway/dialect.ts";
import type { PhoneAddress, ProviderName } from "../../push/device.ts";
import { findField, needField, type Fields } from "../fields.ts";
import { buildPhone } from "../phone-address.ts";
import { needPhone } from "../push-draft.ts";
import { needDomain, needSipAddress } from "../sip-address.ts";
import { readFlag, readForm } from "./form.ts";

/** Platforms in the middleware's paths. */
export const PLATFORMS = ["apns", "gcm", "android"] as const;
export type Platform = (typeof PLATFORMS)[number];

const LONGEST_NAME = 100;

/**
 * Reads an app's request to register or withdraw its token. The middleware knows one phone per account; here each token
 * is a phone.
 */
export function readDeviceOrder(platform: Platform, domain: string, request: ForeignRequest): DeviceOrder {
  const fields = readForm(request);
  const subscriber = needSipAddress(
    "sip_user_id",
    `${needField(fields, "sip_user_id")}@${needDomain("domain", domain)}`,
  );
  const phone = readPhone(platform, fields);
  const id = nameDevice(phone);
  if (request.method === "DELETE") return { kind: "unregister", subscriber, deviceId: id };
  const name = findField(fields, "name")?.slice(0, LONGEST_NAME).toWellFormed();
  return { kind: "register", device: { subscriber, id, ...phone, ...(name === undefined ? {} : { name }) } };
}

const PROVIDERS = { apns: "apns", gcm: "gcm", android: "fcm" } as const satisfies Record<Platform, ProviderName>;

/** Vialer for iPhone sends only its PushKit token. */
function readPhone(platform: Platform, fields: Fields): PhoneAddress {
  const token = needField(fields, "token");
  const environment = readFlag(fields, "sandbox", false) ? "sandbox" : "production";
  const details = { app: needField(fields, "app"), environment } as const;
  const reading =
    platform === "apns"
      ? buildPhone("apple", { voip: token }, details)
      : buildPhone("google", { registration: token }, details);
  return { ...needPhone("token", reading), provider: PROVIDERS[platform] };
}

/** Derives the device id from the token, because a withdrawal names nothing else. */
function nameDevice({ tokens }: PhoneAddress): string {
  const digest = createHash("sha256").update(Object.values(tokens).join(" ")).digest("hex");
  return `vialer-${digest.slice(0, 16)}`;
}
