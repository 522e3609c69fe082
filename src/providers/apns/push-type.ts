import type { Attempt } from "../../gateway/push-provider.ts";

/** https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
export type PushType = "voip" | "alert" | "background";

export function choosePushType({ push, target }: Attempt): PushType {
  if (target.tokenKind === "voip") return "voip";
  return push.request.silent ? "background" : "alert";
}
