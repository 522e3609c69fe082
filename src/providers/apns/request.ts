import { Notification } from "@parse/node-apn";
import type { Attempt } from "../../gateway/push-provider.ts";
import { isNowOrNever } from "../../push/deadline.ts";
import { chooseCollapseId } from "../../push/collapse-id.ts";
import type { ApplePushType as PushType } from "../../payloads/apple.ts";
import { type Content, fitContent, jsonMemberBytes } from "../../payloads/fit.ts";
import { chooseForm } from "../../payloads/forms.ts";
import { buildNotificationId } from "../../push/uuids.ts";
import { isAboutCall } from "../../push/push.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { ChannelRequest } from "../channel/exchange.ts";

export interface ApnsRequestContext {
  /** The bundle id, without the suffix of a push type. */
  readonly bundleId: string;
  /** For a push that asks for none; `standard` by default. */
  readonly payloadProfile?: PayloadProfile | undefined;
  readonly now: number;
  /** The longest that Apple keeps a VoIP push for a phone that is out of reach; the deadline may be nearer. */
  readonly voipExpiryMs: number;
  /** A provider token; undefined if the connection has a client certificate. */
  readonly providerToken?: string | undefined;
}

/** https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
const PAYLOAD_LIMITS = { voip: 5120, alert: 4096, background: 4096 } as const satisfies Record<PushType, number>;
const PRIORITIES = { voip: 10, alert: 10, background: 5 } as const satisfies Record<PushType, number>;
const TOPIC_SUFFIXES = { voip: ".voip", alert: "", background: "" } as const satisfies Record<PushType, string>;

/** The package's types leave out a method that it sends with. */
type BuiltNotification = Notification & { headers(): Record<string, string | number> };

export function chooseTopic(attempt: Attempt, bundleId: string): string {
  return bundleId + TOPIC_SUFFIXES[choosePushType(attempt)];
}

export function buildRequest(attempt: Attempt, context: ApnsRequestContext): ChannelRequest {
  const { bundleId, providerToken } = context;
  const { push, target } = attempt;
  const pushType = choosePushType(attempt);
  const payload = buildPayload(attempt, pushType, context.payloadProfile);
  const notification = new Notification() as BuiltNotification;
  notification.rawPayload = payload.members;
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
    body: payload.text,
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

interface Payload {
  readonly of: Content;
  readonly members: object;
  readonly text: string;
}

/** Builds the payload, shortened to Apple's limit. It is rendered once unless it is too long. */
function buildPayload(attempt: Attempt, pushType: PushType, profile: PayloadProfile | undefined): Payload {
  const form = chooseForm(attempt.push.request, profile);
  const render = (content: Content): Payload => {
    const members = form.apple(attempt, pushType, content);
    return { of: content, members, text: JSON.stringify(members) };
  };
  let last: Payload | undefined;
  const measure = (content: Content): number => {
    last = render(content);
    return Buffer.byteLength(last.text);
  };
  const content = form.content(attempt, { vendor: "apple", pushType });
  const fitted = fitContent(content, { measure, memberBytes: jsonMemberBytes }, PAYLOAD_LIMITS[pushType]);
  return last?.of === fitted ? last : render(fitted);
}

function choosePushType({ push, target }: Attempt): PushType {
  if (target.tokenKind === "voip") return "voip";
  return push.request.silent ? "background" : "alert";
}
