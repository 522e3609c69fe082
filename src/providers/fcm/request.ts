import type { TokenMessage } from "firebase-admin/messaging";
import type { Attempt } from "../../gateway/push-provider.ts";
import { isAboutCall, priorityKindOf, type RequestedKind } from "../../push/push.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { ChannelRequest } from "../channel/exchange.ts";
import { buildGoogleData } from "../google-data.ts";

export type Priority = "high" | "normal";
export type PriorityByKind = Readonly<Record<RequestedKind, Priority>>;

export interface FcmRequestContext {
  readonly projectId: string;
  readonly accessToken: string;
  readonly priority: PriorityByKind;
  /** Where the push asks for none; `standard` unless given. */
  readonly payloadProfile?: PayloadProfile | undefined;
  readonly now: number;
  readonly validateOnly?: boolean;
}

export function buildRequest(attempt: Attempt, context: FcmRequestContext): ChannelRequest {
  const { projectId, accessToken, validateOnly = false } = context;
  return {
    path: `/v1/projects/${encodeURIComponent(projectId)}/messages:send`,
    headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
    body: renderMessage(buildMessage(attempt, context), validateOnly),
    isUrgent: isAboutCall(attempt.push.request),
    notAfter: attempt.push.deadline,
  };
}

/** Data alone: the app decides what the person sees, and a call must wake it in any case. */
function buildMessage(attempt: Attempt, { priority, payloadProfile, now }: FcmRequestContext): TokenMessage {
  const { push, target } = attempt;
  return {
    token: target.token,
    data: { ...buildGoogleData(attempt, payloadProfile) },
    android: { priority: priority[priorityKindOf(push.request.kind)], ttl: Math.max(push.deadline - now, 0) },
  };
}

/** The REST form of firebase-admin's message: a duration is text, e.g. `30s`. */
function renderMessage({ android, ...message }: TokenMessage, validateOnly: boolean): string {
  const { ttl = 0, priority = "normal" } = android ?? {};
  const wire = { ...message, android: { priority: priority.toUpperCase(), ttl: `${Math.floor(ttl / 1000)}s` } };
  return JSON.stringify({ ...(validateOnly ? { validate_only: true } : {}), message: wire });
}
