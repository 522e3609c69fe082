import type { Attempt } from "../../gateway/push-provider.ts";
import { chooseCollapseId } from "../../push/collapse-id.ts";
import type { JsonObject } from "../../push/content.ts";
import { isNowOrNever } from "../../push/deadline.ts";
import { isAboutCall } from "../../push/push.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { ChannelRequest } from "../channel/exchange.ts";
import { isForIos } from "../../payloads/form.ts";
import { buildGoogleParts } from "../../payloads/google.ts";
import { choosePriority, type PriorityByKind } from "../google/priority.ts";
import { buildApnsBlock } from "./apns-block.ts";
import { compact } from "../../push/compact.ts";

export interface FcmRequestContext {
  readonly projectId: string;
  readonly accessToken: string;
  readonly priority: PriorityByKind;
  /** For a push that asks for none; `standard` by default. */
  readonly payloadProfile?: PayloadProfile | undefined;
  readonly now: number;
  readonly validateOnly?: boolean;
}

export function buildRequest(attempt: Attempt, context: FcmRequestContext): ChannelRequest {
  const { projectId, accessToken, validateOnly = false } = context;
  const message = isForIos(attempt) ? buildIosMessage(attempt, context) : buildAndroidMessage(attempt, context);
  return {
    path: `/v1/projects/${encodeURIComponent(projectId)}/messages:send`,
    headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
    body: JSON.stringify(compact({ validate_only: validateOnly ? true : undefined, message })),
    isUrgent: isAboutCall(attempt.push.request),
    notAfter: attempt.push.deadline,
  };
}

/** Data, so that the app decides what the person sees, and a call wakes it in any case; a notification if the push brings one. */
function buildAndroidMessage(attempt: Attempt, context: FcmRequestContext): JsonObject {
  const { push } = attempt;
  const { request } = push;
  const { android = {}, ...others } = readRaw(attempt);
  const { data } = buildGoogleParts(attempt, context.payloadProfile, () => sizeOf({ android, ...others }));
  const collapseId = isAboutCall(request) ? undefined : chooseCollapseId(push);
  return {
    ...addressOf(attempt),
    data,
    ...others,
    android: compact({
      // The phone may not have been unlocked since it was switched on.
      direct_boot_ok: request.kind === "call" ? true : undefined,
      ...android,
      ...(collapseId === undefined ? {} : { collapse_key: collapseId }),
      priority: choosePriority(request, context.priority).toUpperCase(),
      ttl: `${readTtlSeconds(attempt, context.now)}s`,
    }),
  };
}

/** Without its own block an iPhone gets a push in the background, and shows nothing. */
function buildIosMessage(attempt: Attempt, { payloadProfile }: FcmRequestContext): JsonObject {
  const { android: _android, ...others } = readRaw(attempt);
  const measureOthers = (alert: string | undefined): number =>
    sizeOf(buildApnsBlock(attempt, alert)["payload"]) + sizeOf(others);
  const { data, alert } = buildGoogleParts(attempt, payloadProfile, measureOthers);
  return { ...addressOf(attempt), data, ...others, apns: buildApnsBlock(attempt, alert) };
}

function addressOf({ target: { tokenKind, token } }: Attempt): JsonObject {
  return tokenKind.endsWith("fid") ? { fid: token } : { token };
}

interface RawMessage extends JsonObject {
  readonly android?: JsonObject;
}

/** Returns the raw block, without notifications if the chat is muted. */
function readRaw({ push: { request } }: Attempt): RawMessage {
  const { notification, android, ...others } = (request.raw?.fcm ?? {}) as RawMessage;
  const { notification: androidNotification, ...rest } = android ?? {};
  const isShown = !request.silent;
  const block = isShown && androidNotification !== undefined ? { ...rest, notification: androidNotification } : rest;
  return {
    ...others,
    ...(isShown && notification !== undefined ? { notification } : {}),
    ...(Object.keys(block).length === 0 ? {} : { android: block }),
  };
}

function readTtlSeconds({ push }: Attempt, now: number): number {
  return isNowOrNever(push.request) ? 0 : Math.floor(Math.max(push.deadline - now, 0) / 1000);
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? "");
}
