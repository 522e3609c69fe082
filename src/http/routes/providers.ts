import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { GatewayError } from "../../gateway/errors.ts";
import { readDomain } from "../../push/address.ts";
import { PROVIDER_NAMES } from "../../providers/providers.ts";
import type { HttpDeps } from "../http-deps.ts";

const DomainQuery = Type.Object(
  { domain: Type.Optional(Type.String({ maxLength: 260 })) },
  { additionalProperties: false },
);

const ProvidersBody = Type.Object({
  providers: Type.Array(Type.Enum(PROVIDER_NAMES)),
  /** For the answer to a REGISTER, one header each (RFC 8599 §8). */
  feature_caps: Type.Array(Type.String()),
});

export type ProviderRouteDeps = Pick<HttpDeps, "listPushServices">;

/** Lists the push services through which phones of a domain can be woken. */
export const providerRoutes: FastifyPluginAsyncTypebox<ProviderRouteDeps> = async (app, { listPushServices }) => {
  app.get(
    "/v1/providers",
    { schema: { querystring: DomainQuery, response: { 200: ProvidersBody } } },
    async ({ query: { domain: text } }) => {
      const domain = text === undefined ? undefined : readDomain(text);
      if (text !== undefined && domain === undefined)
        throw new GatewayError("invalid_field", "domain is not a host name.", { field: "domain" });
      const { providers, featureCaps } = listPushServices(domain);
      return { providers: [...providers], feature_caps: [...featureCaps] };
    },
  );
};
