import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { AcceptPush, Receipt } from "../gateway/accept/accept-push.ts";
import type { Calls } from "../gateway/calls/calls.ts";
import type { CallNotice, Dialect, ForeignMethod, ForeignRequest, ForeignResult } from "../gateway/dialect.ts";
import { GatewayError } from "../gateway/errors.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { Registrations } from "../gateway/subscribers/registrations.ts";
import type { PushRequest } from "../push/push.ts";
import { acceptAndWait, unlessStoreAway } from "./accept-and-wait.ts";
import { sendForeign } from "./error-answers.ts";
import { compact } from "../push/compact.ts";

export interface DialectRouteDeps {
  readonly dialect: Dialect;
  readonly acceptPush: AcceptPush;
  readonly registrations: Pick<Registrations, "register" | "unregister">;
  readonly calls: Pick<Calls, "hear" | "awaitVerdict">;
  readonly events: Pick<GatewayEvents, "fieldIgnored">;
  /** Returns the raw query of the current request if Node's parser could not read it; see rescue.ts. */
  readonly rescuedQuery: () => string | undefined;
}

const USUAL_METHODS: readonly ForeignMethod[] = ["GET", "POST"];

/** Routes for one dialect's paths. The body reaches the dialect as raw bytes, whatever its content type. */
export const dialectRoutes: FastifyPluginAsync<DialectRouteDeps> = async (app, deps) => {
  const { dialect, rescuedQuery } = deps;
  const { answer, methods = USUAL_METHODS } = dialect;
  const reportIgnored = createIgnoredReport(deps);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });

  for (const path of dialect.paths) {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const foreign = readForeignRequest(request, path, rescuedQuery());
      const result = await carryOut(deps, foreign, reply);
      reportIgnored(foreign);
      return answer === undefined ? buildResultBody(result) : sendForeign(reply, answer(result));
    };
    for (const url of spellings(path)) {
      app.route({
        method: [...methods],
        url,
        // A HEAD request must not ring a phone.
        exposeHeadRoute: false,
        bodyLimit: dialect.bodyLimitBytes,
        config: compact({ door: dialect.name, answer }),
        handler,
      });
    }
  }
};

/** Every request of a platform has the same fields, so one line for each name is enough. */
function createIgnoredReport({ dialect, events }: DialectRouteDeps): (request: ForeignRequest) => void {
  const reported = new Set<string>();
  return (request) => {
    for (const field of dialect.listIgnoredFields?.(request) ?? []) {
      if (reported.has(field)) continue;
      reported.add(field);
      events.fieldIgnored(field, dialect.name);
    }
  };
}

type GoodResult = Exclude<ForeignResult, { readonly kind: "refused" }>;

async function carryOut(deps: DialectRouteDeps, foreign: ForeignRequest, reply: FastifyReply): Promise<GoodResult> {
  const { dialect, registrations } = deps;
  if (dialect.ignores?.(foreign)) return { kind: "ignored" };
  const notice = dialect.readCallNotice?.(foreign);
  if (notice !== undefined) return takeNotice(deps, notice);
  const order = dialect.readDevice?.(foreign);
  switch (order?.kind) {
    case undefined:
      return push(deps, dialect.read(foreign), reply);
    case "register":
      return { kind: "registered", created: (await registrations.register(order.device)).result.created };
    case "unregister":
      return { kind: "unregistered", removed: await registrations.unregister(order.subscriber, order.deviceId) };
  }
}

async function push(deps: DialectRouteDeps, request: PushRequest, reply: FastifyReply): Promise<GoodResult> {
  const { dialect, acceptPush, calls } = deps;
  const accept = async (asked: PushRequest): Promise<Receipt> => {
    try {
      return await acceptPush(asked, dialect.name);
    } catch (error) {
      return readUnreachable(dialect, asked, error);
    }
  };
  const { holdMs: waitMs = 0 } = dialect;
  if (request.kind !== "call" || waitMs === 0) return { kind: "pushed", receipt: await accept(request) };
  const { receipt, call } = await acceptAndWait({ push: request, waitMs, reply, calls, accept });
  if (call?.state !== "ringing") return { kind: "awaited", receipt, call };
  const heard = await unlessStoreAway(calls.hear(call, { kind: "missed" }));
  const [missed = call] = heard?.found ?? [];
  return { kind: "awaited", receipt, call: missed };
}

function readUnreachable(
  { suppressesUnreachableMessages: isSuppressed }: Dialect,
  { kind }: PushRequest,
  error: unknown,
): Receipt {
  const isUnreachable = error instanceof GatewayError && error.code === "no_device";
  const { pushId: id } = isUnreachable ? error.details : {};
  if (!isUnreachable || isSuppressed !== true || kind === "call" || id === undefined) throw error;
  return { kind: "suppressed", id, reason: "no_device" };
}

async function takeNotice(
  { dialect, acceptPush, calls }: DialectRouteDeps,
  { selector, event, contact, push }: CallNotice,
): Promise<GoodResult> {
  const options = compact({ areTold: push !== undefined, contact });
  const heard = await calls.hear(selector, event, options);
  if (push === undefined) return { kind: "heard", calls: heard };
  return { kind: "pushed", receipt: await acceptPush(push, dialect.name) };
}

export interface ReceiptBody {
  readonly id: string;
  readonly status: Receipt["kind"];
  readonly code?: string;
}

function buildResultBody(result: GoodResult): ReceiptBody | { readonly status: string; readonly calls?: number } {
  switch (result.kind) {
    case "pushed":
    case "awaited":
      return buildReceiptBody(result.receipt);
    case "heard":
      return { status: result.kind, calls: result.calls.length };
    case "registered":
    case "unregistered":
    case "ignored":
      return { status: result.kind };
  }
}

function buildReceiptBody(receipt: Receipt): ReceiptBody {
  const { kind, id } = receipt;
  return kind === "suppressed" ? { id, status: kind, code: receipt.reason } : { id, status: kind };
}

function readForeignRequest(request: FastifyRequest, path: string, rescued: string | undefined): ForeignRequest {
  const url = request.raw.url ?? "";
  return {
    method: request.method as ForeignMethod,
    path: path.endsWith(EVERYTHING_BELOW) ? (url.split("?", 1)[0] ?? "") : path,
    rawQuery: rescued ?? readRawQuery(url),
    contentType: request.headers["content-type"],
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
  };
}

/** HTTP/2 delivers one character per byte. Over HTTP/1.1 only ASCII gets here. */
function readRawQuery(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

const EVERYTHING_BELOW = "/*";

/** Returns a path for find-my-way, with and without a trailing slash. */
function spellings(path: string): string[] {
  if (path.endsWith(EVERYTHING_BELOW)) {
    const [base = ""] = spellings(path.slice(0, -EVERYTHING_BELOW.length));
    return [base + EVERYTHING_BELOW];
  }
  if (!/^\/[\x21-\x7e]*$/.test(path) || /[*?#%]/.test(path)) {
    throw new Error(`${JSON.stringify(path)} cannot be a path for pushes: it has to start with / and be plain ASCII.`);
  }
  const bare = path.replace(/\/+$/, "").replaceAll(":", "::");
  return bare === "" ? ["/"] : [bare, `${bare}/`];
}
