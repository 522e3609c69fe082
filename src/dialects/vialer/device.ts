import { createHash } from "node:crypto";
import type { DeviceOrder, ForeignRequest } from "../../gateway/dialect.ts";
import type { PhoneAddress, ProviderName } from "../../push/device.ts";
import { findField, needField, type Fields } from "../fields.ts";
import { buildPhone } from "../phone-address.ts";
import { needPhone } from "../push-draft.ts";
import { needDomain, needSipAddress } from "../sip-address.ts";
import { readFlag, readForm } from "./form.ts";

/** As the middleware's paths name them. */
export const PLATFORMS = ["apns", "gcm", "android"] as const;
export type Platform = (typeof PLATFORMS)[number];

const LONGEST_NAME = 100;

/** An app registers its token, or takes it back. The middleware knows one phone of an account; here each token is a phone of its own. */
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

/** Vialer for iPhones knows its PushKit token alone. */
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

/** Who takes a token back names the token, and nothing else of the phone. */
function nameDevice({ tokens }: PhoneAddress): string {
  const digest = createHash("sha256").update(Object.values(tokens).join(" ")).digest("hex");
  return `vialer-${digest.slice(0, 16)}`;
}
