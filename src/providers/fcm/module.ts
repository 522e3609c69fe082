import { inventDeviceFields } from "../google/device-fields.ts";
import { GOOGLE } from "../google/vendor.ts";
import type { ProviderModule } from "../provider-module.ts";
import { checkApp } from "./check-app.ts";
import { describeApp } from "./describe-app.ts";
import { readDeviceFields } from "./device-fields.ts";
import { FCM_EXPLANATIONS } from "./explanations.ts";
import { createOpener } from "./opener.ts";
import { FCM_PAGE, FCM_TABLE } from "./outcome-table.ts";
import type { FcmApp } from "./provider.ts";

export const fcm = {
  name: "fcm",
  vendor: GOOGLE,
  phones: "with Android",
  tokensPerPhone: 1,
  sipServices: ["fcm"],
  // Google moved its devices from GCM to FCM with their tokens.
  substitutes: ["gcm"],
  readDeviceFields,
  inventDeviceFields,
  listEndpoints: ({ origin }) => [origin],
  describeApp,
  checkApp,
  listCertificates: () => [],
  answers: {
    title: "FCM (HTTP v1)",
    note: "The word is FCM's own (`FcmError`), otherwise the google.rpc status.",
    page: FCM_PAGE,
    table: FCM_TABLE,
  },
  explanations: FCM_EXPLANATIONS,
  createOpener,
} as const satisfies ProviderModule<FcmApp>;
