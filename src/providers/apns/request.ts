import { Notification } from "@parse/node-apn";
import type { Attempt } from "../../gateway/push-provider.ts";
import { buildCallUuid } from "../../push/call-uuid.ts";
import { buildAlertText, buildAppData } from "../../push/app-data.ts";
import { buildVialerData } from "../../push/vialer-data.ts";
import { fitContent, type Content } from "../../push/fit.ts";
import { jsonMemberBytes } from "../../push/payload-bytes.ts";
import { isAboutCall } from "../../push/push.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { ChannelRequest } from "../channel/exchange.ts";
import { readLinphoneContent } from "../linphone-content.ts";
import { buildLinphonePayload } from "./linphone-payload.ts";
import { choosePushType, type PushType } from "./push-type.ts";

export interface ApnsRequestContext {
  /** The bundle id, without the suffix of a push type. */
  readonly bundleId: string;
  /** Where the push asks for none; `standard` unless given. */
  readonly payloadProfile?: PayloadProfile | undefined;
  /** A provider token; absent where the connection has a client certificate. */
  readonly providerToken?: string | undefined;
}

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

export function chooseTopic(attempt: Attempt, bundleId: string): string {
  return bundleId + TOPIC_SUFFIXES[choosePushType(attempt)];
}

export function buildRequest(attempt: Attempt, context: ApnsRequestContext): ChannelRequest {
  const { bundleId, providerToken } = context;
  const { push, target } = attempt;
  const pushType = choosePushType(attempt);
  const { read, build } = FORMS[push.request.profile ?? context.payloadProfile ?? "standard"];
  const measure = (fitted: Content): number => Buffer.byteLength(build(attempt, pushType, fitted).compile());
  const content = fitContent(
    read(attempt, pushType),
    { measure, memberBytes: jsonMemberBytes },
    PAYLOAD_LIMITS[pushType],
  );
  const notification = build(attempt, pushType, content);
  notification.id = push.id;
  notification.topic = bundleId + TOPIC_SUFFIXES[pushType];
  notification.pushType = pushType;
  notification.priority = PRIORITIES[pushType];
  const { callId = push.id } = push.request;
  // What is said of a call takes the place of what was said of it before; a VoIP push shows nothing that could be replaced.
  if (pushType !== "voip" && isAboutCall(push.request)) notification.collapseId = buildCallUuid(callId);
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
    isUrgent: isAboutCall(push.request),
    notAfter: push.deadline,
  };
}

interface Form {
  readonly read: (attempt: Attempt, pushType: PushType) => Content;
  readonly build: (attempt: Attempt, pushType: PushType, content: Content) => BuiltNotification;
}

const FORMS = {
  standard: { read: readContent(buildAppData), build: buildNotification },
  vialer: { read: readContent(buildVialerData), build: buildNotification },
  linphone: { read: readLinphoneContent, build: buildLinphoneNotification },
} as const satisfies Record<PayloadProfile, Form>;

function buildLinphoneNotification(attempt: Attempt, pushType: PushType, content: Content): BuiltNotification {
  const notification = new Notification() as BuiltNotification;
  notification.rawPayload = buildLinphonePayload(attempt, pushType, content);
  return notification;
}

function readContent(buildData: typeof buildAppData): Form["read"] {
  return ({ push }, pushType) => {
    const data = buildData(push);
    return pushType === "alert" ? { data, alert: push.request.aps.alert ?? buildAlertText(push.request) } : { data };
  };
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
