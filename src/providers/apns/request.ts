import { Notification } from "@parse/node-apn";
import type { Attempt } from "../../gateway/push-provider.ts";
import { buildCallUuid } from "../../push/call-uuid.ts";
import { buildAlertText, buildAppData } from "../../push/app-data.ts";
import { fitContent, type Content } from "../../push/fit.ts";
import type { ChannelRequest } from "../channel/exchange.ts";

export interface ApnsRequestContext {
  /** The bundle id, without the suffix of a push type. */
  readonly bundleId: string;
  /** A provider token; absent where the connection has a client certificate. */
  readonly providerToken?: string;
}

type PushType = "voip" | "alert" | "background";

/** https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
const PAYLOAD_LIMITS = { voip: 5120, alert: 4096, background: 4096 } as const satisfies Record<PushType, number>;
const PRIORITIES = { voip: 10, alert: 10, background: 5 } as const satisfies Record<PushType, number>;
const TOPIC_SUFFIXES = { voip: ".voip", alert: "", background: "" } as const satisfies Record<PushType, string>;

/** The package's types leave out the two methods that it sends with. */
type BuiltNotification = Notification & {
  headers(): Record<string, string | number>;
  compile(): string;
};

const DEFAULT_SOUND = "default";

function choosePushType({ push, target }: Attempt): PushType {
  if (target.tokenKind === "voip") return "voip";
  return push.request.silent ? "background" : "alert";
}

export function chooseTopic(attempt: Attempt, bundleId: string): string {
  return bundleId + TOPIC_SUFFIXES[choosePushType(attempt)];
}

export function buildRequest(attempt: Attempt, { bundleId, providerToken }: ApnsRequestContext): ChannelRequest {
  const { push, target } = attempt;
  const pushType = choosePushType(attempt);
  const content = readContent(attempt, pushType);
  const measure = (fitted: Content): number =>
    Buffer.byteLength(buildNotification(attempt, pushType, fitted).compile());
  const notification = buildNotification(attempt, pushType, fitContent(content, measure, PAYLOAD_LIMITS[pushType]));
  notification.id = push.id;
  notification.topic = bundleId + TOPIC_SUFFIXES[pushType];
  notification.pushType = pushType;
  notification.priority = PRIORITIES[pushType];
  const { kind, callId = push.id } = push.request;
  // What is said of a call takes the place of what was said of it before; a VoIP push shows nothing that could be replaced.
  if (pushType !== "voip" && (kind === "call" || kind === "call_end")) notification.collapseId = buildCallUuid(callId);
  // Rounded up: Apple drops a push whose second has passed, and reports it as sent.
  notification.expiry = Math.ceil(push.deadline / 1000);
  return {
    path: `/3/device/${encodeURIComponent(target.token)}`,
    headers: {
      ...notification.headers(),
      "content-type": "application/json",
      ...(providerToken === undefined ? {} : { authorization: `bearer ${providerToken}` }),
    },
    body: notification.compile(),
    // Apple asks not to fill the header table with what differs each time.
    unindexed: ["apns-id", "apns-expiration"],
    isUrgent: push.request.kind === "call",
  };
}

function readContent({ push }: Attempt, pushType: PushType): Content {
  const data = buildAppData(push);
  return pushType === "alert" ? { data, alert: push.request.aps.alert ?? buildAlertText(push.request) } : { data };
}

function buildNotification({ push }: Attempt, pushType: PushType, { data, alert }: Content): BuiltNotification {
  const { aps } = push.request;
  const notification = new Notification() as BuiltNotification;
  notification.payload = { ...data };
  switch (pushType) {
    case "voip":
      break;
    case "background":
      notification.contentAvailable = true;
      break;
    case "alert":
      notification.alert = alert ?? "";
      notification.sound = aps.sound ?? DEFAULT_SOUND;
      if (aps.badge !== undefined) notification.badge = aps.badge;
      if (aps.contentAvailable) notification.contentAvailable = true;
      break;
  }
  return notification;
}
