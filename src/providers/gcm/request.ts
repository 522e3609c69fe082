import type { Attempt } from "../../gateway/push-provider.ts";
import { isAboutCall, priorityKindOf, type RequestedKind } from "../../push/push.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { ChannelRequest } from "../channel/exchange.ts";
import { buildGoogleData } from "../google-data.ts";

export interface GcmRequestContext {
  readonly path: string;
  readonly key: string;
  readonly priority: Readonly<Record<RequestedKind, "high" | "normal">>;
  /** Where the push asks for none; `standard` unless given. */
  readonly payloadProfile?: PayloadProfile | undefined;
  readonly now: number;
}

/** https://firebase.google.com/docs/cloud-messaging/http-server-ref */
export function buildRequest(attempt: Attempt, context: GcmRequestContext): ChannelRequest {
  const { push, target } = attempt;
  const { path, key, priority, payloadProfile, now } = context;
  return {
    path,
    headers: { "content-type": "application/json", authorization: `key=${key}` },
    body: JSON.stringify({
      to: target.token,
      priority: priority[priorityKindOf(push.request.kind)],
      time_to_live: Math.floor(Math.max(push.deadline - now, 0) / 1000),
      data: buildGoogleData(attempt, payloadProfile),
    }),
    isUrgent: isAboutCall(push.request),
    notAfter: push.deadline,
  };
}
