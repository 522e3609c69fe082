import type { Behaviour, TokenBook } from "../behaviour.ts";
import { readJsonOrText, type Answer, type Exchange } from "../exchange.ts";
import { retryAfterHeader } from "../play-behaviour.ts";
import type { Verdict, VerdictEntry } from "../settle-exchange.ts";
import {
  buildJsonAnswer,
  buildMessageId,
  buildPlainAnswer,
  buildText,
  buildUnauthorized,
  type GcmResult,
} from "./answers.ts";
import { checkToken, readJsonRequest, readPlainRequest, type GcmRequest } from "./request-checks.ts";

export interface GcmSendDeps {
  readonly serverKey: string;
  /** Answers as Google has since July 2024. */
  readonly retired: boolean;
  readonly tokens: TokenBook;
}

/** Decides `POST /fcm/send` and `/gcm/send` without answering it. */
export function judgeGcmSend(deps: GcmSendDeps, exchange: Exchange): Verdict {
  const isJson = (exchange.headers["content-type"] ?? "").startsWith("application/json");
  const text = exchange.body.toString("utf8");
  const payload = isJson ? readJsonOrText(exchange.body) : Object.fromEntries(new URLSearchParams(text));
  const request = isJson ? readJsonRequest(payload) : readPlainRequest(text);
  if (exchange.headers["authorization"] !== `key=${deps.serverKey}`)
    return refuse(buildUnauthorized(), payload, request);
  if ("status" in request) return refuse(request, payload, request);

  if (request.tokens.length === 0) return conclude(request, payload, [{ error: "MissingRegistration" }], undefined);
  if (deps.retired)
    return conclude(
      request,
      payload,
      request.tokens.map(() => ({ error: "DeprecatedApi" })),
      undefined,
    );
  const behaviours: (Behaviour | undefined)[] = [];
  const results = request.tokens.map((token): GcmResult => {
    const fault = request.error ?? checkToken(token);
    if (fault !== undefined) return { error: fault };
    const behaviour = deps.tokens.take(token);
    behaviours.push(behaviour);
    return pickResult(deps.tokens, token, behaviour);
  });
  // One HTTP answer covers all tokens. The first script that concerns more than its own token's result decides about
  // it.
  const behaviour = behaviours.find((candidate) => candidate !== undefined);
  return conclude(request, payload, results, behaviour);
}

function pickResult(tokens: TokenBook, token: string, behaviour: Behaviour | undefined): GcmResult {
  if (behaviour?.reason !== undefined) return { error: behaviour.reason };
  const canonical = tokens.facts(token).canonicalToken;
  return { message_id: buildMessageId(), ...(canonical === undefined ? {} : { registration_id: canonical }) };
}

function conclude(
  request: GcmRequest,
  payload: unknown,
  results: readonly GcmResult[],
  behaviour: Behaviour | undefined,
): Verdict {
  const status = behaviour?.status ?? 200;
  const [first = { error: "MissingRegistration" }] = results;
  const normal = request.form === "json" ? buildJsonAnswer(results) : buildPlainAnswer(first);
  const answer = status === 200 ? normal : buildText(status, behaviour?.reason ?? `Error ${status}`);
  const entries = results.map((result, index): VerdictEntry => {
    const token = request.tokens[index] ?? "";
    if ("error" in result) return { token, messageId: "", fate: "refused", reason: result.error };
    if (status !== 200) return { token, messageId: "", fate: "refused", reason: behaviour?.reason };
    return { token, messageId: result.message_id, fate: request.dryRun ? "validated" : "delivered" };
  });
  const headers = { ...answer.headers, ...retryAfterHeader(behaviour) };
  return { provider: "gcm", payload, answer: { ...answer, headers }, behaviour, entries };
}

function refuse(answer: Answer, payload: unknown, request: GcmRequest | Answer): Verdict {
  const tokens = "status" in request ? [] : request.tokens;
  const reason = String(answer.status);
  return {
    provider: "gcm",
    payload,
    answer,
    entries: [{ token: tokens[0] ?? "", messageId: "", fate: "refused", reason }],
  };
}
