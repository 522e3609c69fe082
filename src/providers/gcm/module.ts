import { inventDeviceFields } from "../google/device-fields.ts";
import { GOOGLE } from "../google/vendor.ts";
import type { ProviderModule } from "../provider-module.ts";
import { checkApp } from "./check-app.ts";
import { describeApp } from "./describe-app.ts";
import { readDeviceFields } from "./device-fields.ts";
import { GCM_EXPLANATIONS } from "./explanations.ts";
import { createOpener } from "./opener.ts";
import { GCM_PAGE, GCM_TABLE } from "./outcome-table.ts";
import type { GcmApp } from "./provider.ts";

export const gcm = {
  name: "gcm",
  vendor: GOOGLE,
  phones: "with Android",
  tokensPerPhone: 1,
  sipServices: ["fcm"],
  substitutes: ["fcm"],
  readDeviceFields,
  inventDeviceFields,
  listEndpoints: ({ endpoint }) => [endpoint],
  describeApp,
  checkApp,
  listCertificates: () => [],
  answers: {
    title: "GCM and FCM's old API",
    note: "Faults of one token come with HTTP 200. An answer with `registration_id` is `delivered`, and the token replaced by that one.",
    page: GCM_PAGE,
    table: GCM_TABLE,
  },
  explanations: GCM_EXPLANATIONS,
  createOpener,
} as const satisfies ProviderModule<GcmApp>;
