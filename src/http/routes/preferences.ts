import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type, type Static } from "typebox";
import type { SubscriberPreferences } from "../../gateway/subscribers/preferences.ts";
import { ENABLE_MODES, type Preferences } from "../../push/preferences.ts";
import type { HttpDeps } from "../http-deps.ts";
import { createJsonParser } from "../json-body.ts";
import { readDomainName, readSubscriber } from "./read-path.ts";
import { DomainParams, Line, NoQuery, SubscriberParams } from "./schemas.ts";

const EnableValue = Type.Enum(ENABLE_MODES);
const ExpiryValue = Type.Integer({ minimum: 1, maximum: 3600 });
const SilentListValue = Type.Array(Line(1024), { maxItems: 1000, uniqueItems: true });

const PreferencesBody = Type.Object({
  mobile_push_enable: Type.Optional(EnableValue),
  mobile_push_expiry: Type.Optional(ExpiryValue),
  mobile_push_silent_list: Type.Optional(SilentListValue),
});
const SubscriberPreferencesBody = Type.Object({ own: PreferencesBody, effective: PreferencesBody });
const DomainPreferencesBody = Type.Object({ own: PreferencesBody });

const domainPatch = {
  mobile_push_enable: Type.Optional(Type.Union([EnableValue, Type.Null()])),
  mobile_push_expiry: Type.Optional(Type.Union([ExpiryValue, Type.Null()])),
};
const DomainPatch = Type.Object(domainPatch, { additionalProperties: false });
const SubscriberPatch = Type.Object(
  { ...domainPatch, mobile_push_silent_list: Type.Optional(Type.Union([SilentListValue, Type.Null()])) },
  { additionalProperties: false },
);

export type PreferenceRouteDeps = Pick<HttpDeps, "preferences">;

export const preferenceRoutes: FastifyPluginAsyncTypebox<PreferenceRouteDeps> = async (app, { preferences }) => {
  // RFC 7396; plain application/json means the same here.
  app.addContentTypeParser("application/merge-patch+json", { parseAs: "buffer" }, createJsonParser(app));

  const subscriber = {
    params: SubscriberParams,
    querystring: NoQuery,
    response: { 200: SubscriberPreferencesBody },
  };
  app.get("/v1/subscribers/:subscriber/preferences", { schema: subscriber }, async (request) => {
    const aor = readSubscriber(request.params.subscriber);
    return buildSubscriberBody(await preferences.readSubscriber(aor));
  });
  app.patch(
    "/v1/subscribers/:subscriber/preferences",
    { schema: { ...subscriber, body: SubscriberPatch } },
    async (request) => {
      const aor = readSubscriber(request.params.subscriber);
      return buildSubscriberBody(await preferences.patchSubscriber(aor, request.body));
    },
  );

  const domain = { params: DomainParams, querystring: NoQuery, response: { 200: DomainPreferencesBody } };
  app.get("/v1/domains/:domain/preferences", { schema: domain }, async (request) => {
    const name = readDomainName(request.params.domain);
    return { own: buildPreferencesBody(await preferences.readDomain(name)) };
  });
  app.patch("/v1/domains/:domain/preferences", { schema: { ...domain, body: DomainPatch } }, async (request) => {
    const name = readDomainName(request.params.domain);
    return { own: buildPreferencesBody(await preferences.patchDomain(name, request.body)) };
  });
};

function buildSubscriberBody({ own, effective }: SubscriberPreferences): Static<typeof SubscriberPreferencesBody> {
  return { own: buildPreferencesBody(own), effective: buildPreferencesBody(effective) };
}

function buildPreferencesBody(preferences: Preferences): Static<typeof PreferencesBody> {
  const { mobile_push_silent_list: silentList, ...rest } = preferences;
  return { ...rest, ...(silentList === undefined ? {} : { mobile_push_silent_list: [...silentList] }) };
}
