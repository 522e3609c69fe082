import { describeProxy } from "../describe-proxy.ts";
import type { FcmApp } from "./provider.ts";

export function describeApp(app: FcmApp): string[] {
  const account = `FCM by service account ${app.serviceAccount.clientEmail}${describeProxy(app.proxy)}`;
  return [`${account}; iPhones with Firebase are called by an alert, CallKit needs apns`, ...hintAtPriority(app)];
}

/** NGCP's own files contain this setting. */
function hintAtPriority({ priority }: FcmApp): string[] {
  const slow = (["message", "groupchat", "invite"] as const).filter((kind) => priority[kind] === "normal");
  if (slow.length === 0) return [];
  const what = slow.join(", ");
  return [`hint: the priority of ${what} is normal, so a sleeping Android phone shows them late; the default is high`];
}
