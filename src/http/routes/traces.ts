import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type, type Static } from "typebox";
import { GatewayError } from "../../gateway/errors.ts";
import { readAor } from "../../push/sip-uri.ts";
import { listEndPushIds } from "../../push/call-end.ts";
import type { Call } from "../../push/call.ts";
import type { Push } from "../../push/push.ts";
import type { HttpDeps } from "../http-deps.ts";
import { buildCallBody, CallBody } from "./call-body.ts";
import { buildPushBody, PushBody } from "./push-body.ts";
import { followNewer, followReplays } from "./replay-chain.ts";
import { NoQuery } from "./schemas.ts";

const TraceParams = Type.Object(
  { ref: Type.String({ minLength: 1, maxLength: 600 }) },
  { additionalProperties: false },
);

const TracedCallBody = Type.Object({
  ...CallBody.properties,
  /** Pushes that rang. */
  pushes: Type.Array(PushBody),
  /** Pushes that told phones how the call had ended. */
  end_pushes: Type.Array(PushBody),
});

const TraceBody = Type.Object({
  /** Calls with their pushes: a subscriber's newest first, those that replaced each other oldest first. */
  calls: Type.Array(TracedCallBody),
  /** Pushes that belong to no call. */
  pushes: Type.Array(PushBody),
});

const MOST_CALLS = 20;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type TraceRouteDeps = Pick<HttpDeps, "calls" | "pushes" | "clock">;

/**
 * Returns everything known of a call, of a push, or of a subscriber's last calls, to explain why a phone did not ring.
 */
export const traceRoutes: FastifyPluginAsyncTypebox<TraceRouteDeps> = async (app, deps) => {
  app.get(
    "/v1/traces/:ref",
    { schema: { params: TraceParams, querystring: NoQuery, response: { 200: TraceBody } } },
    async ({ params: { ref } }) => {
      const found = (await traceCall(deps, ref)) ?? (await tracePush(deps, ref)) ?? (await traceSubscriber(deps, ref));
      if (found !== undefined) return found;
      const detail = `Nothing is known of ${ref}: it is neither the Call-ID of a stored call, nor the id of a stored push, nor a subscriber with stored calls.`;
      throw new GatewayError("not_found", detail, { field: "ref" });
    },
  );
};

type Trace = Static<typeof TraceBody>;

async function traceCall(deps: TraceRouteDeps, id: string): Promise<Trace | undefined> {
  const calls = await deps.calls.find(id);
  if (calls.length === 0) return undefined;
  const rang = await getAll(
    deps,
    calls.flatMap(({ pushIds }) => pushIds),
  );
  return traceLinked(deps, calls, await followAll(deps, rang));
}

async function tracePush(deps: TraceRouteDeps, id: string): Promise<Trace | undefined> {
  const push = UUID.test(id) ? await deps.pushes.get(id.toLowerCase()) : undefined;
  return push === undefined ? undefined : traceLinked(deps, [], await followAll(deps, [push]));
}

async function followAll({ pushes }: TraceRouteDeps, all: readonly Push[]): Promise<readonly Push[]> {
  const chains = await Promise.all(all.map((push) => followReplays((id) => pushes.get(id), push)));
  return chains.flat();
}

/**
 * Returns calls and pushes in the order in which they replaced each other: for each push its call, or the push itself
 * if there is none.
 */
async function traceLinked(deps: TraceRouteDeps, known: readonly Call[], linked: readonly Push[]): Promise<Trace> {
  const calls: Call[] = [];
  const pushes = new Map<string, Push>();
  for (const push of linked) {
    const call = await findCallOf(deps, push);
    if (call === undefined) pushes.set(push.id, push);
    else if (!calls.some((other) => isSame(other, call))) calls.push(call);
  }
  const rest = known.filter((call) => !calls.some((other) => isSame(other, call)));
  return { calls: await withPushes(deps, [...calls, ...rest]), pushes: [...pushes.values()].map(buildPushBody) };
}

function isSame(one: Call, other: Call): boolean {
  return one.callee === other.callee && one.id === other.id;
}

async function findCallOf(deps: TraceRouteDeps, { id, request }: Push): Promise<Call | undefined> {
  const { kind, callId = id, callee } = request;
  if (kind !== "call" && kind !== "call_end") return undefined;
  return (await deps.calls.find(callId)).find((call) => call.callee === callee);
}

async function traceSubscriber(deps: TraceRouteDeps, text: string): Promise<Trace | undefined> {
  const subscriber = readAor(text);
  const calls = subscriber === undefined ? [] : await deps.calls.listLatest(subscriber, MOST_CALLS);
  return calls.length === 0 ? undefined : { calls: await withPushes(deps, calls), pushes: [] };
}

function withPushes(deps: TraceRouteDeps, calls: readonly Call[]): Promise<Trace["calls"]> {
  return Promise.all(
    calls.map(async (call) => {
      const [rang, told] = await Promise.all([getAll(deps, call.pushIds), getAll(deps, listEndPushIds(call))]);
      const retold = await Promise.all(told.map((push) => followNewer((id) => deps.pushes.get(id), push)));
      const endPushes = [...told, ...retold.flat()];
      return {
        ...buildCallBody(call, deps.clock()),
        pushes: rang.map(buildPushBody),
        end_pushes: endPushes.map(buildPushBody),
      };
    }),
  );
}

async function getAll({ pushes }: TraceRouteDeps, ids: readonly string[]): Promise<readonly Push[]> {
  const found = await Promise.all(ids.map((id) => pushes.get(id)));
  return found.filter((push) => push !== undefined);
}
