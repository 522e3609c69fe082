import type { Attempt } from "../../gateway/push-provider.ts";
import type { ApplePushType } from "../../payloads/apple.ts";

export type PushType = ApplePushType;

export function choosePushType({ push, target }: Attempt): PushType {
  if (target.tokenKind === "voip") return "voip";
  return push.request.silent ? "background" : "alert";
}
