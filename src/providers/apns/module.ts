import type { ProviderModule } from "../provider-module.ts";
import { checkApp } from "./check-app.ts";
import type { ConfiguredApnsApp } from "./configured-app.ts";
import { describeApp } from "./describe-app.ts";
import { inventDeviceFields, readDeviceFields } from "./device-fields.ts";
import { APNS_EXPLANATIONS } from "./explanations.ts";
import { listCertificates } from "./list-certificates.ts";
import { createOpener } from "./opener.ts";
import { APNS_PAGE, APNS_TABLE } from "./outcome-table.ts";
import { APPLE } from "./vendor.ts";

export const apns = {
  name: "apns",
  vendor: APPLE,
  phones: "iPhones",
  tokensPerPhone: 2,
  // `apns.dev` is Linphone's name of Apple's sandbox.
  sipServices: ["apns", "apns.dev"],
  substitutes: [],
  readDeviceFields,
  inventDeviceFields,
  listEndpoints: ({ origins }) => Object.values(origins),
  describeApp,
  checkApp,
  listCertificates,
  answers: {
    title: "APNs",
    note: "After `BadDeviceToken` the other environment is asked, too, within the same attempt; if that takes the push, the device is corrected, and its record says so.",
    page: APNS_PAGE,
    table: APNS_TABLE,
  },
  explanations: APNS_EXPLANATIONS,
  createOpener,
} as const satisfies ProviderModule<ConfiguredApnsApp>;
