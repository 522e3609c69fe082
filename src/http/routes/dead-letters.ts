import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { DeadLetterService } from "../../gateway/accept/dead-letters.ts";
import { GatewayError } from "../../gateway/errors.ts";
import { buildReceiptBody, PushParams, ReceiptBody } from "./pushes.ts";
import { PushBody, buildPushBody } from "./push-body.ts";
import { NoQuery } from "./schemas.ts";
import { compact } from "../../push/compact.ts";

const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.String({ pattern: "^(?:[1-9][0-9]?|[1-4][0-9]{2}|500)$", description: "a whole number from 1 to 500" }),
    ),
    before: Type.Optional(PushParams.properties.id),
  },
  { additionalProperties: false },
);

const ReplayBody = Type.Object(
  {
    /** Ring the phones although the call is over. */
    force: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const PageBody = Type.Object({ dead_letters: Type.Array(PushBody) });
const DEFAULT_LIMIT = 50;

export interface DeadLetterRouteDeps {
  readonly deadLetters: DeadLetterService;
}

export const deadLetterRoutes: FastifyPluginAsyncTypebox<DeadLetterRouteDeps> = async (app, { deadLetters }) => {
  app.get(
    "/v1/dead-letters",
    { schema: { querystring: PageQuery, response: { 200: PageBody } } },
    async ({ query: { limit, before } }) => {
      const selector = compact({ limit: Number(limit ?? DEFAULT_LIMIT), before });
      return { dead_letters: (await deadLetters.list(selector)).map(buildPushBody) };
    },
  );

  app.post(
    "/v1/dead-letters/:id/replay",
    {
      config: { isBodyOptional: true },
      schema: { params: PushParams, querystring: NoQuery, body: ReplayBody, response: { 202: ReceiptBody } },
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async ({ params: { id }, body: { force = false } }, reply) => {
      const receipt = await deadLetters.replay(id.toLowerCase(), { force });
      return reply.code(202).header("location", `/v1/pushes/${receipt.id}`).send(buildReceiptBody(receipt));
    },
  );

  app.delete(
    "/v1/dead-letters/:id",
    { schema: { params: PushParams, querystring: NoQuery, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const id = request.params.id.toLowerCase();
      if (await deadLetters.drop(id)) return reply.code(204).send(null);
      throw new GatewayError("not_found", `There is no failed or expired push ${id}.`, { field: "id" });
    },
  );
};
