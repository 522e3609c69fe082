import type { FastifyInstance } from "fastify";
import { GatewayError } from "../gateway/errors.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const;

/**
 * Answers 405 with `Allow` if a path exists for other methods; fastify would answer 404. Call it before the first route
 * is added, and `addRoutes` after the last.
 */
export function answerOtherMethods(app: FastifyInstance): { addRoutes(): void } {
  const allowed = new Map<string, { methods: Set<string>; door: string | undefined }>();
  app.addHook("onRoute", ({ url, method, config }) => {
    const path = allowed.get(url) ?? { methods: new Set<string>(), door: config?.door };
    for (const name of [method].flat()) path.methods.add(name);
    allowed.set(url, path);
  });
  return {
    addRoutes() {
      app.register(async (scope) => {
        for (const [url, { methods, door }] of allowed) {
          const others = METHODS.filter((method) => !methods.has(method));
          const allow = [...methods].join(", ");
          scope.route({
            method: others,
            url,
            exposeHeadRoute: false,
            ...(door === undefined ? {} : { config: { door } }),
            // Before the body is read.
            onRequest: (_request, reply, done) => {
              reply.header("allow", allow);
              done(new GatewayError("method_not_allowed", `This path answers to ${allow}.`));
            },
            handler: () => {},
          });
        }
      });
    },
  };
}
