import { failed, ok, warning, type Finding } from "../../push/finding.ts";
import type { CheckAppDeps } from "../provider-module.ts";
import type { GcmApp } from "./provider.ts";

/** https://firebase.google.com/support/faq#deprecated-api-shutdown */
const SWITCHED_OFF = /^https:\/\/(?:fcm|gcm-http|android)\.googleapis\.com/;

/** Judges the endpoint alone. Nothing is sent, because the protocol has no way to validate a message. */
export async function checkApp(
  { endpoint }: Pick<GcmApp, "endpoint">,
  { name, hasSubstitute }: Pick<CheckAppDeps, "name" | "hasSubstitute">,
): Promise<Finding[]> {
  if (!SWITCHED_OFF.test(endpoint)) return [ok(`${name}: a server key for ${endpoint}, which is not Google's own.`)];
  const what = `${name}: a legacy server key. Google switched this protocol off in 2024: no push goes through it.`;
  const mend =
    "Download a service account (Firebase console, Project settings, Service accounts) and name it in fcm.service_account.";
  return [hasSubstitute ? warning(what, "Remove gcm.key: fcm.service_account is in use.") : failed(what, mend)];
}
