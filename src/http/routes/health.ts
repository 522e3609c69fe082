import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { HttpDeps } from "../http-deps.ts";

const AliveBody = Type.Object({ status: Type.Literal("alive") });
const ReadyBody = Type.Object({
  status: Type.Enum(["ready", "degraded", "not_ready"]),
  checks: Type.Record(Type.String(), Type.String()),
});

export type HealthRouteDeps = Pick<HttpDeps, "readiness" | "metrics">;

export const healthRoutes: FastifyPluginAsyncTypebox<HealthRouteDeps> = async (app, { readiness, metrics }) => {
  app.get("/healthz", { config: { isPublic: true }, schema: { response: { 200: AliveBody } } }, async () => ({
    status: "alive" as const,
  }));

  app.get("/readyz", { schema: { response: { 200: ReadyBody, 503: ReadyBody } } }, async (_request, reply) => {
    const { ready, degraded = false, checks } = await readiness();
    if (!ready) return reply.code(503).send({ status: "not_ready" as const, checks });
    return reply.code(200).send({ status: degraded ? ("degraded" as const) : ("ready" as const), checks });
  });

  app.get("/metrics", async (_request, reply) => {
    const { contentType, body } = await metrics();
    return reply.type(contentType).send(body);
  });
};
