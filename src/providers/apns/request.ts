import { Notification } from "@parse/node-apn";
import type { Attempt } from "../../gateway/push-provider.ts";
import { buildAppData } from "../../push/app-data.ts";
import { buildVialerData } from "../../push/vialer-data.ts";
import { isNowOrNever } from "../../push/deadline.ts";
import { chooseCollapseId } from "../../push/collapse-id.ts";
import { fitContent, type Content } from "../../push/fit.ts";
import { buildNotificationId } from "../../push/uuids.ts";
import { jsonMemberBytes } from "../../push/payload-bytes.ts";
import { isAboutCall } from "../../push/push.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { ChannelRequest } from "../channel/exchange.ts";
import { buildAps, readAlertText, readRawMembers, restoreData } from "../apple-payload.ts";
import { readLinphoneContent } from "../linphone-content.ts";
import { buildLinphonePayload } from "./linphone-payload.ts";
import { choosePushType, type PushType } from "./push-type.ts";

export interface ApnsRequestContext {
  /** The bundle id, without the suffix of a push type. */
  readonly bundleId: string;
  /** Where the push asks for none; `standard` unless given. */
  readonly payloadProfile?: PayloadProfile | undefined;
  readonly now: number;
  /** The longest that Apple keeps a VoIP push for a phone that is out of reach; the deadline may be nearer. */
  readonly voipExpiryMs: number;
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

export function chooseTopic(attempt: Attempt, bundleId: string): string {
  return bundleId + TOPIC_SUFFIXES[choosePushType(attempt)];
}

export function buildRequest(attempt: Attempt, context: ApnsRequestContext): ChannelRequest {
  const { bundleId, providerToken } = context;
  const { push, target } = attempt;
  const pushType = choosePushType(attempt);
  const { read, build } = FORMS[push.request.profile ?? context.payloadProfile ?? "standard"];
  const measure = (fitted: Content): number => Buffer.byteLength(JSON.stringify(build(attempt, pushType, fitted)));
  const content = fitContent(
    read(attempt, pushType),
    { measure, memberBytes: jsonMemberBytes },
    PAYLOAD_LIMITS[pushType],
  );
  const notification = new Notification() as BuiltNotification;
  notification.rawPayload = build(attempt, pushType, content);
  notification.id = buildNotificationId(push.id, target.deviceId);
  notification.topic = bundleId + TOPIC_SUFFIXES[pushType];
  notification.pushType = pushType;
  notification.priority = PRIORITIES[pushType];
  const collapseId = pushType === "voip" ? undefined : chooseCollapseId(push);
  if (collapseId !== undefined) notification.collapseId = collapseId;
  notification.expiry = chooseExpiry(push, pushType, context);
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

/** Seconds since 1970, rounded up: Apple drops a push whose second has passed, and reports it as sent. 0: now or never. */
function chooseExpiry({ request, deadline }: Attempt["push"], pushType: PushType, context: ApnsRequestContext): number {
  const { now, voipExpiryMs } = context;
  if (isNowOrNever(request) || (pushType === "voip" && voipExpiryMs === 0)) return 0;
  return Math.ceil((pushType === "voip" ? Math.min(deadline, now + voipExpiryMs) : deadline) / 1000);
}

interface Form {
  readonly read: (attempt: Attempt, pushType: PushType) => Content;
  readonly build: (attempt: Attempt, pushType: PushType, content: Content) => object;
}

const FORMS = {
  standard: { read: readContent(buildAppData), build: buildPayload },
  vialer: { read: readContent(buildVialerData), build: buildPayload },
  linphone: { read: readLinphoneContent, build: buildLinphonePayload },
} as const satisfies Record<PayloadProfile, Form>;

function readContent(buildData: typeof buildAppData): Form["read"] {
  return ({ push }, pushType) => {
    const data = buildData(push);
    const alert = pushType === "alert" ? readAlertText(push.request) : undefined;
    return alert === undefined ? { data } : { data, alert };
  };
}

function buildPayload({ push: { request } }: Attempt, pushType: PushType, { data, alert }: Content): object {
  const aps = buildAps(request, pushType, alert);
  const members = { ...readRawMembers(request), ...restoreData(data, request) };
  return Object.keys(aps).length === 0 ? members : { ...members, aps };
}
