import { OAUTH_TOKEN, type Behaviour, type TokenBook } from "../behaviour.ts";
import type { ServiceAccountPair } from "../credentials.ts";
import type { Answer, Exchange } from "../exchange.ts";
import { retryAfterHeader } from "../play-behaviour.ts";
import type { Verdict } from "../settle-exchange.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { verifyAssertion } from "./assertion.ts";

export interface OAuthDeps {
  readonly accounts: readonly ServiceAccountPair[];
  readonly audiences: readonly string[];
  readonly accessTokens: AccessTokens;
  readonly tokens: TokenBook;
  readonly now: () => number;
}

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Decides `POST /token` without answering it. */
export async function judgeTokenRequest(deps: OAuthDeps, exchange: Exchange): Promise<Verdict> {
  const form = new URLSearchParams(exchange.body.toString("utf8"));
  const grantType = form.get("grant_type");
  if (grantType !== JWT_BEARER) return refuse("unsupported_grant_type", `Invalid grant_type: ${grantType}`);
  const verdict = await verifyAssertion(form.get("assertion") ?? "", { ...deps, now: deps.now() });
  if ("error" in verdict) return refuse(verdict.error, verdict.description);

  const behaviour = deps.tokens.take(OAUTH_TOKEN);
  const scripted = behaviour && buildScripted(behaviour);
  if (scripted !== undefined) return conclude(scripted, "refused", behaviour);
  const { accessToken, expiresInSeconds } = deps.accessTokens.issue(verdict.projectId);
  const body = { access_token: accessToken, expires_in: expiresInSeconds, token_type: "Bearer" };
  return conclude(buildJson(200, body), "validated", behaviour);
}

function buildScripted(behaviour: Behaviour): Answer | undefined {
  const { reason, status = reason === undefined ? 200 : 400 } = behaviour;
  if (status === 200) return undefined;
  const answer = buildJson(status, { error: reason ?? "internal_failure" });
  return { ...answer, headers: { ...answer.headers, ...retryAfterHeader(behaviour) } };
}

function refuse(error: string, description: string): Verdict {
  return conclude(buildJson(400, { error, error_description: description }), "refused", { reason: error });
}

function conclude(answer: Answer, fate: "refused" | "validated", behaviour: Behaviour | undefined): Verdict {
  const entry = {
    token: OAUTH_TOKEN,
    messageId: "",
    fate,
    ...(fate === "refused" ? { reason: behaviour?.reason } : {}),
  };
  // The assertion is a credential, so it is not recorded.
  return { provider: "oauth", payload: undefined, answer, behaviour, entries: [entry] };
}

function buildJson(status: number, body: object): Answer {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(body) };
}
