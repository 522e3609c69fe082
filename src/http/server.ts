import { AsyncLocalStorage } from "node:async_hooks";
import { fastify, type FastifyInstance, type FastifyServerOptions } from "fastify";
import type { Server } from "node:http";
import { createAdmit, createAuthHook, createFindKeyName, type Admit } from "./auth.ts";
import { createClientErrorHandler } from "./client-error-handler.ts";
import { trackConnections, type Connections } from "./connections.ts";
import { dialectRoutes } from "./dialect-routes.ts";
import { answerNotFound, createAnswerError, type AnswerError } from "./error-answers.ts";
import { createJsonParser } from "./json-body.ts";
import type { HttpDeps } from "./http-deps.ts";
import { answerOtherMethods } from "./method-not-allowed.ts";
import { createNodeServer, type TlsMaterial } from "./node-server.ts";
import { createAdmission, type Admission } from "./overload/admission.ts";
import { checkRequestHead } from "./request-head.ts";
import { trimSlashes } from "./rescue.ts";
import { createExemption, limitStrangers, type Strangers } from "./stranger-connections.ts";
import { drainBacklog } from "./drain-backlog.ts";
import { callRoutes } from "./routes/calls.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { healthRoutes } from "./routes/health.ts";
import { providerRoutes } from "./routes/providers.ts";
import { registrationRoutes } from "./routes/registrations.ts";
import { preferenceRoutes } from "./routes/preferences.ts";
import { ringRoutes } from "./routes/ring.ts";
import { traceRoutes } from "./routes/traces.ts";
import { pushRoutes } from "./routes/pushes.ts";

export interface ListenerSecurity {
  readonly tls?: TlsMaterial;
  /** True if every path except /healthz requires an API key; for all listeners beyond loopback. */
  readonly requireKey: boolean;
  /** Names under which local programs reach a listener without keys, besides those in its certificate. */
  readonly names?: readonly string[];
}

/** Security of an open listener, whose certificate may change. */
export interface OpenSecurity extends Omit<ListenerSecurity, "names"> {
  readonly names: () => readonly string[];
}

const V1_BODY_LIMIT_BYTES = 64 * 1024;
/** Length of an address of record with every character percent-encoded. */
const MAX_PARAM_LENGTH = 1_600;
const CLOSE_GRACE_MS = 5_000;
/** A refused body up to this size is read and dropped, so that the client sees the answer instead of a reset. */
const MAX_DROPPED_BODY_BYTES = 64 * 1024 * 1024;

/** Creates an HTTP server that does not listen yet. `close()` resolves within a few seconds, whoever is connected. */
export function createHttpServer(listener: OpenSecurity, deps: HttpDeps): FastifyInstance {
  const server = createNodeServer(listener.tls);
  const connections = trackConnections(server);
  const strangers = listener.requireKey ? openStrangers(server, deps) : undefined;
  const admit = createAdmit({ ...listener, apiKeys: deps.apiKeys, onKey: (request) => strangers?.admit(request) });
  const answerError = createAnswerError(deps.events);
  const rescuedQuery = new AsyncLocalStorage<string>();

  const app: FastifyInstance = fastify({
    ...buildOptions(server, admit, answerError, createAdmissionOf(deps, connections)),
    trustProxy: deps.trustedProxies === undefined ? false : [...deps.trustedProxies],
    clientErrorHandler: (error, socket) => handleClientError(error, socket),
  });
  const pushPaths = new Set(deps.dialects.flatMap(({ paths }) => paths.map(trimSlashes)));
  const handleClientError = createClientErrorHandler({
    app,
    connections,
    events: deps.events,
    pushPaths,
    rescuedQuery,
  });

  app.removeContentTypeParser(["text/plain", "application/json"]);
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, createJsonParser(app));
  app.decorateRequest("keyName", null);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  app.addHook("onRequest", createAuthHook(admit));
  app.addHook("onRequest", checkRequestHead);
  addConnectionHooks(app, connections, deps);
  registerRoutes(app, deps, () => rescuedQuery.getStore());
  return app;
}

function openStrangers(server: Server, deps: HttpDeps): Strangers | undefined {
  const { connectionsWithoutKey: most = 0, trustedProxies = [], events } = deps;
  if (most === 0) return undefined;
  const onRefused = (address: string) => events.connectionRefused(address);
  return limitStrangers(server, { most, isExempt: createExemption(trustedProxies), onRefused });
}

function createAdmissionOf({ overload, dialects, apiKeys }: HttpDeps, connections: Connections): Admission {
  if (overload === undefined) return (handler) => handler;
  const isEnding = () => connections.isEnding;
  return createAdmission({ ...overload, dialects, isEnding, findKeyName: createFindKeyName(apiKeys) });
}

function buildOptions(server: Server, admit: Admit, answerError: AnswerError, door: Admission): FastifyServerOptions {
  return {
    serverFactory: (handler) => server.on("request", door(handler)),
    forceCloseConnections: false,
    // Requests that arrive while the server closes are still served: the gateway behind it closes later.
    return503OnClosing: false,
    bodyLimit: V1_BODY_LIMIT_BYTES,
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, verbose: true } },
    // These errors occur before routing, and so before the hook that requires the key.
    frameworkErrors: (error, request, reply) => {
      try {
        admit(request);
        answerError(error, request, reply);
      } catch (refusal) {
        answerError(refusal, request, reply);
      }
    },
  };
}

function addConnectionHooks(app: FastifyInstance, connections: Connections, deps: HttpDeps): void {
  const { server } = app;
  const { closeGraceMs = CLOSE_GRACE_MS, closeNoticeMs = 0 } = deps;
  app.addHook("preClose", async () => {
    connections.announceEnd();
    if (closeNoticeMs > 0 && server.listening) await drainBacklog(server, connections, closeNoticeMs);
    connections.drain(closeGraceMs);
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    // HTTP/2 has no such header (RFC 9113 §8.2.2), but fastify sets it on answers to unreadable bodies.
    if (request.raw.httpVersionMajor === 2 || isBodyDropped(reply.statusCode, request.headers["content-length"])) {
      reply.removeHeader("connection");
    }
    if (connections.isEnding && request.raw.httpVersionMajor === 1) reply.header("connection", "close");
    done(null, payload);
  });
}

function isBodyDropped(statusCode: number, contentLength: string | undefined): boolean {
  return statusCode === 413 && Number(contentLength) <= MAX_DROPPED_BODY_BYTES;
}

function registerRoutes(app: FastifyInstance, deps: HttpDeps, rescuedQuery: () => string | undefined): void {
  const otherMethods = answerOtherMethods(app);
  for (const dialect of deps.dialects) {
    app.register(dialectRoutes, { ...deps, dialect, rescuedQuery });
  }
  app.register(pushRoutes, deps);
  app.register(ringRoutes, deps);
  app.register(callRoutes, deps);
  app.register(registrationRoutes, deps);
  app.register(providerRoutes, deps);
  app.register(traceRoutes, deps);
  app.register(deadLetterRoutes, deps);
  app.register(deviceRoutes, deps);
  app.register(preferenceRoutes, deps);
  app.register(healthRoutes, deps);
  for (const plugin of deps.plugins ?? []) app.register(plugin);
  otherMethods.addRoutes();
}
