import { randomUUID } from "node:crypto";
import type { TokenBook } from "../behaviour.ts";
import { readJsonOrText, type Answer, type Exchange } from "../exchange.ts";
import type { Verdict } from "../settle-exchange.ts";
import type { AccessTokens } from "./access-tokens.ts";
import {
  buildFcmError,
  buildFcmSuccess,
  buildPermissionDenied,
  buildScriptedAnswer,
  buildUnauthenticated,
} from "./answers.ts";
import { checkFcmRequest } from "./request-checks.ts";

export interface FcmSendDeps {
  readonly accessTokens: AccessTokens;
  readonly tokens: TokenBook;
}

/** Decides `POST /v1/projects/{projectId}/messages:send` without answering it. */
export function judgeFcmSend({ accessTokens, tokens }: FcmSendDeps, exchange: Exchange, projectId: string): Verdict {
  const payload = readJsonOrText(exchange.body);
  const request = checkAccess(accessTokens, exchange, projectId) ?? checkFcmRequest(payload);
  if ("status" in request) return refuse(request, payload, readTarget(payload));

  const { target, kind } = request;
  const owner = kind === "token" || kind === "fid" ? tokens.facts(target).projectId : undefined;
  if (owner !== undefined && owner !== projectId) return refuse(buildFcmError("SENDER_ID_MISMATCH"), payload, target);
  const behaviour = tokens.take(target);
  const scripted = behaviour && buildScriptedAnswer(behaviour);
  const messageId = `projects/${projectId}/messages/${request.validateOnly ? "fake_message_id" : buildMessageId()}`;
  const fate = request.validateOnly ? "validated" : "delivered";
  return {
    provider: "fcm",
    payload,
    answer: scripted ?? buildFcmSuccess(messageId),
    behaviour,
    entries: [
      scripted
        ? { token: target, messageId: "", fate: "refused", reason: behaviour?.reason }
        : { token: target, messageId, fate },
    ],
  };
}

function checkAccess(accessTokens: AccessTokens, { headers }: Exchange, projectId: string): Answer | undefined {
  const accessToken = /^bearer (.+)$/i.exec(headers["authorization"] ?? "")?.[1];
  if (accessToken === undefined) return buildUnauthenticated("CREDENTIALS_MISSING");
  const owner = accessTokens.projectOf(accessToken);
  if (owner === undefined) return buildUnauthenticated("ACCESS_TOKEN_EXPIRED");
  // Google gives the same answer for a project that does not exist and for somebody else's.
  return owner === projectId ? undefined : buildPermissionDenied(projectId);
}

function refuse(answer: Answer, payload: unknown, token: string): Verdict {
  const reason = readReason(answer);
  return { provider: "fcm", payload, answer, entries: [{ token, messageId: "", fate: "refused", reason }] };
}

/** Returns the FcmError code if there is one, otherwise the google.rpc status. */
function readReason({ body = "{}" }: Answer): string {
  const { error } = JSON.parse(body) as { error: { status: string; details?: { errorCode?: string }[] } };
  return error.details?.find(({ errorCode }) => errorCode !== undefined)?.errorCode ?? error.status;
}

function readTarget(payload: unknown): string {
  const { token, fid } = (payload as { message?: { token?: unknown; fid?: unknown } } | null)?.message ?? {};
  const target = token ?? fid;
  return typeof target === "string" ? target : "";
}

function buildMessageId(): string {
  return `0:${randomUUID().replaceAll("-", "")}`;
}
