import { apns } from "./apns/module.ts";
import { fcm } from "./fcm/module.ts";
import { gcm } from "./gcm/module.ts";
import type { ProviderModule } from "./provider-module.ts";

/** All push services, in the order in which they are listed everywhere. A new one is a folder and its name here. */
export const REGISTERED = [apns, fcm, gcm] as const satisfies readonly ProviderModule[];
