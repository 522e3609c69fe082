import type { Attempt } from "../../gateway/push-provider.ts";
import { chooseCollapseId } from "../../push/collapse-id.ts";
import type { JsonObject } from "../../push/content.ts";
import { isNowOrNever } from "../../push/deadline.ts";
import { buildAps, readRawMembers } from "../../payloads/apple.ts";
import { compact } from "../../push/compact.ts";

/**
 * Builds the block that Google passes on to Apple for an iPhone with Firebase: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages#ApnsConfig.
 * Google sets topic and id. VoIP pushes cannot be sent in this way: a call arrives as an alert.
 */
export function buildApnsBlock({ push }: Attempt, alert: string | undefined): JsonObject {
  const { request, deadline } = push;
  const type = request.silent ? "background" : "alert";
  const collapseId = chooseCollapseId(push);
  return {
    headers: compact({
      "apns-push-type": type,
      "apns-priority": type === "alert" ? "10" : "5",
      "apns-expiration": isNowOrNever(request) ? "0" : String(Math.ceil(deadline / 1000)),
      "apns-collapse-id": collapseId,
    }),
    payload: { ...readRawMembers(request), aps: buildAps(request, type, alert) },
  };
}
