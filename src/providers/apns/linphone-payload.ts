import type { Attempt } from "../../gateway/push-provider.ts";
import { readApsWishes } from "../../push/content.ts";
import type { Content } from "../../push/fit.ts";
import { splitLinphoneContent } from "../linphone-content.ts";
import type { PushType } from "./push-type.ts";
import { compact } from "../../push/compact.ts";

/**
 * Builds the payload like Flexisip's `src/pushnotification/apple/apple-request.cc`. Flexisip's background pushes also
 * have a badge and priority 10, neither of which Apple wants
 * (https://developer.apple.com/documentation/usernotifications/pushing-background-updates-to-your-app).
 */
export function buildLinphonePayload({ push }: Attempt, pushType: PushType, content: Content): object {
  const { words, custom } = splitLinphoneContent(content);
  const { uuid, "call-id": callId } = words;
  const shown = { "loc-key": words["loc-key"], "loc-args": [words["loc-args"]] };
  const about = compact({ "call-id": callId, uuid: uuid === "" ? undefined : uuid, "send-time": words["send-time"] });
  const common = {
    "from-uri": words["from-uri"],
    "display-name": words["display-name"],
    pn_ttl: Math.round((push.deadline - push.acceptedAt) / 1000),
    customPayload: custom,
  };
  const { title, subtitle, sound, badge, category, threadId, interruptionLevel, others } = readApsWishes(push.request);
  switch (pushType) {
    case "voip":
      return { aps: { sound: "", ...shown, ...about }, ...common };
    case "background":
      return { aps: { "content-available": 1, ...shown, ...about }, ...common };
    case "alert":
      return {
        aps: {
          ...others,
          alert:
            content.alert === undefined
              ? shown
              : compact({
                  title,
                  subtitle,
                  body: content.alert,
                }),
          sound: sound ?? "default",
          // Says only that there are unread messages. The app knows how many.
          badge: badge ?? 1,
          // The app's extension fetches what the Call-ID names. Without one it could only wait.
          ...(callId === "" ? {} : { "mutable-content": 1 }),
          ...(category === undefined ? {} : { category }),
          ...(threadId === undefined ? {} : { "thread-id": threadId }),
          ...(interruptionLevel === undefined ? {} : { "interruption-level": interruptionLevel }),
        },
        ...about,
        "chat-room-addr": words["chat-room-addr"],
        ...common,
      };
  }
}
