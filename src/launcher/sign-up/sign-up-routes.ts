import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { GatewayEvents } from "../../gateway/gateway-events.ts";
import { chooseTexts } from "../languages/choose-texts.ts";
import type { Texts } from "../languages/texts.ts";
import { FORM_PAGE_HEADERS } from "../page.ts";
import type { FormGuard, FormRequest } from "./form-guard.ts";
import { readPerson, type Person, type PersonRules } from "./person.ts";
import {
  buildAgainPage,
  buildCodePage,
  buildDonePage,
  buildFormPage,
  HONEYPOT,
  type PageContext,
} from "./sign-up-page.ts";
import type { FinishResult, SignUp } from "./sign-up.ts";

/** Parts of the sign-up that depend on the configuration. */
export interface SignUpService {
  readonly signUp: SignUp;
  readonly guard: FormGuard;
  readonly rules: PersonRules;
  readonly look: Pick<PageContext, "appName" | "termsUrl" | "privacyUrl">;
}

export interface SignUpRouteDeps {
  /** Path of the form, fixed when the server starts. */
  readonly path: string;
  /** Called at every request; returns undefined if a changed configuration has no sign-up any more. */
  readonly desk: () => SignUpService | undefined;
  readonly events: Pick<GatewayEvents, "signUp">;
}

const BODY_LIMIT_BYTES = 16 * 1024;
const RETRY_AFTER_SECONDS = 600;

/** Routes of three pages without script: form, code, end. */
export function createSignUpRoutes(deps: SignUpRouteDeps): FastifyPluginAsync {
  const { path } = deps;
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser<string>(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, new URLSearchParams(body)),
    );
    const options = { config: { isPublic: true } };
    app.get(path, options, async (request, reply) => {
      const visit = openVisit(deps, request, reply);
      return visit === undefined ? sendGone(reply, path) : sendPage(reply, 200, buildFormPage(visit.context));
    });
    app.post(path, options, (request, reply) => takeForm(deps, request, reply));
    app.post(`${path}/code`, options, (request, reply) => takeCode(deps, request, reply));
  };
}

interface Visit extends SignUpService {
  readonly context: PageContext;
  readonly form: FormRequest;
}

function openVisit({ path, desk }: SignUpRouteDeps, request: FastifyRequest, reply: FastifyReply): Visit | undefined {
  const current = desk();
  if (current === undefined) return undefined;
  const form = readFormRequest(request);
  const { token, setCookie } = current.guard.issue(form);
  if (setCookie !== undefined) reply.header("set-cookie", setCookie);
  const context = { ...current.look, texts: readTexts(request), path, verify: current.rules.verify, formToken: token };
  return { ...current, context, form };
}

function readTexts({ headers }: FastifyRequest): Texts {
  return chooseTexts(headers["accept-language"]);
}

function readFormRequest({ headers, protocol }: FastifyRequest): FormRequest {
  const site = headers["sec-fetch-site"];
  return {
    cookieHeader: headers.cookie,
    fetchSite: typeof site === "string" ? site : undefined,
    isSecure: protocol === "https",
  };
}

async function takeForm(deps: SignUpRouteDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const visit = openVisit(deps, request, reply);
  if (visit === undefined) return sendGone(reply, deps.path);
  const { context, rules, signUp } = visit;
  const read = fieldReader(request);
  if (visit.guard.isForged(visit.form, read("form_token"))) return sendForged(deps, reply);
  const values = { name: read("name"), phone: read("phone"), email: read("email") };
  const reading = readPerson(values, rules);
  if ("errors" in reading) return sendPage(reply, 422, buildFormPage(context, values, reading.errors));
  const person = addLanguage(reading.person, context.texts);
  const sentTo = addressOf(person, rules);
  if (read(HONEYPOT) !== "") {
    // People cannot see this field. A program that filled it in gets the usual answer.
    deps.events.signUp("refused");
    return sendPage(reply, 200, buildCodePage(context, { ticket: context.formToken, sentTo }));
  }
  const result = await signUp.start(person, request.ip);
  if (result.kind === "code_sent")
    return sendPage(reply, 200, buildCodePage(context, { ticket: result.ticket, sentTo }));
  return result.kind === "limited" ? sendLimited(reply, deps.path) : sendFailed(reply, deps.path);
}

async function takeCode(deps: SignUpRouteDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const visit = openVisit(deps, request, reply);
  if (visit === undefined) return sendGone(reply, deps.path);
  const read = fieldReader(request);
  if (visit.guard.isForged(visit.form, read("form_token"))) return sendForged(deps, reply);
  const [ticket, sentTo] = [read("ticket"), read("sent_to")];
  const result = await visit.signUp.finish(ticket, read("code").replaceAll(/\D/g, ""), request.ip);
  return answerCode(deps, reply, visit, { result, ticket, sentTo });
}

function answerCode(
  { path }: SignUpRouteDeps,
  reply: FastifyReply,
  { context }: Visit,
  { result, ticket, sentTo }: { readonly result: FinishResult; readonly ticket: string; readonly sentTo: string },
): FastifyReply {
  const again = (error: string): string => buildCodePage(context, { ticket, sentTo, error });
  switch (result.kind) {
    case "done":
      return sendPage(reply, 200, buildDonePage(context, sentTo));
    case "wrong_code":
      return result.guessesLeft === 0
        ? sendExpired(reply, path)
        : sendPage(reply, 422, again(context.texts.code.wrong));
    case "expired":
      return sendExpired(reply, path);
    case "limited":
      return sendLimited(reply, path);
    case "failed":
      return sendPage(reply, 503, again(context.texts.code.failed));
  }
}

function fieldReader({ body }: FastifyRequest): (name: string) => string {
  return (name) => (body instanceof URLSearchParams ? (body.get(name) ?? "") : "");
}

function addLanguage(person: Person, { language }: Texts): Person {
  return language === "en" ? person : { ...person, language };
}

function addressOf({ email, phone }: Person, { verify }: PersonRules): string {
  return verify === "email" ? email : (phone ?? "");
}

function sendForged({ path, events }: SignUpRouteDeps, reply: FastifyReply): FastifyReply {
  events.signUp("refused");
  return sendPage(reply, 403, buildAgainPage(path, readTexts(reply.request), "forged"));
}

function sendExpired(reply: FastifyReply, path: string): FastifyReply {
  return sendPage(reply, 410, buildAgainPage(path, readTexts(reply.request), "expired"));
}

function sendLimited(reply: FastifyReply, path: string): FastifyReply {
  const page = buildAgainPage(path, readTexts(reply.request), "limited");
  return sendPage(reply.header("retry-after", RETRY_AFTER_SECONDS), 429, page);
}

function sendFailed(reply: FastifyReply, path: string): FastifyReply {
  return sendPage(reply, 503, buildAgainPage(path, readTexts(reply.request), "failed"));
}

function sendGone(reply: FastifyReply, path: string): FastifyReply {
  return sendPage(reply, 404, buildAgainPage(path, readTexts(reply.request), "gone"));
}

function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply.code(status).headers(FORM_PAGE_HEADERS).send(page);
}
