import type { Attempt } from "../../gateway/push-provider.ts";
import { chooseCollapseId } from "../../push/collapse-id.ts";
import { isNowOrNever } from "../../push/deadline.ts";
import { isAboutCall } from "../../push/push.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { ChannelRequest } from "../channel/exchange.ts";
import { buildGoogleParts } from "../../payloads/google.ts";
import { choosePriority, type PriorityByKind } from "../google/priority.ts";
import { compact } from "../../push/compact.ts";

export interface GcmRequestContext {
  readonly path: string;
  readonly key: string;
  readonly priority: PriorityByKind;
  /** For a push that asks for none; `standard` by default. */
  readonly payloadProfile?: PayloadProfile | undefined;
  readonly now: number;
}

/** https://firebase.google.com/docs/cloud-messaging/http-server-ref */
export function buildRequest(attempt: Attempt, context: GcmRequestContext): ChannelRequest {
  const { push, target } = attempt;
  const { path, key, priority, payloadProfile, now } = context;
  const collapseKey = isAboutCall(push.request) ? undefined : chooseCollapseId(push);
  return {
    path,
    headers: { "content-type": "application/json", authorization: `key=${key}` },
    body: JSON.stringify(
      compact({
        to: target.token,
        priority: choosePriority(push.request, priority),
        time_to_live: isNowOrNever(push.request) ? 0 : Math.floor(Math.max(push.deadline - now, 0) / 1000),
        collapse_key: collapseKey,
        data: buildGoogleParts(attempt, payloadProfile).data,
      }),
    ),
    isUrgent: isAboutCall(push.request),
    notAfter: push.deadline,
  };
}
