import { Type, type Static } from "typebox";
import { GatewayError } from "../../gateway/errors.ts";
import type { Aor } from "../../push/address.ts";
import type { ProviderModule } from "../../providers/provider-module.ts";
import { findProviderModule, PROVIDER_NAMES } from "../../providers/providers.ts";
import { bundleIdOf, ENVIRONMENTS, OSES, readOs, shortenToken, type Device } from "../../push/device.ts";
import { Line } from "./schemas.ts";
import { compact } from "../../push/compact.ts";

const TokenText = Type.String({ maxLength: 4096 });

/** A device as the app registers it. */
export const NewDeviceBody = Type.Object(
  {
    provider: Type.Enum(PROVIDER_NAMES),
    token: Type.Optional(TokenText),
    /** A Firebase installation id instead of a registration token. */
    fid: Type.Optional(TokenText),
    os: Type.Optional(Type.Enum(OSES)),
    tokens: Type.Optional(
      Type.Object(
        { voip: Type.Optional(TokenText), remote: Type.Optional(TokenText) },
        { additionalProperties: false },
      ),
    ),
    environment: Type.Enum(ENVIRONMENTS, { default: "production" }),
    app: Type.Optional(
      Type.String({ pattern: "^[A-Za-z0-9._-]{1,255}$", description: "1 to 255 letters, digits or any of . _ -" }),
    ),
    name: Type.Optional(Line(100)),
    /** Other subscribers with the token keep it: one app with several accounts. */
    keep_others: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
);

/** A device as the API shows it, with shortened tokens. */
export const DeviceBody = Type.Object({
  subscriber: Type.String(),
  device: Type.String(),
  provider: Type.String(),
  tokens: Type.Record(Type.String(), Type.String()),
  /** `ios`: an iPhone that is reached through Firebase. */
  os: Type.Optional(Type.String()),
  environment: Type.String(),
  /** When Apple was found to know the tokens in this environment instead of the app's. */
  environment_learned_at: Type.Optional(Type.String()),
  app: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  registered_at: Type.String(),
});

export function readNewDevice(
  subscriber: Aor,
  id: string,
  body: Static<typeof NewDeviceBody>,
): Omit<Device, "registeredAt"> {
  const { provider, environment, app, name } = body;
  const tokens = needProvider(provider).readDeviceFields(body);
  return compact({
    subscriber,
    id,
    provider,
    tokens,
    environment,
    app: app === undefined ? undefined : bundleIdOf(app),
    name,
  });
}

/** The schema lets no other name through. */
function needProvider(name: string): ProviderModule {
  const module = findProviderModule(name);
  if (module === undefined)
    throw new GatewayError("invalid_field", `There is no provider ${name}.`, { field: "provider" });
  return module;
}

export function buildDeviceBody(device: Device): Static<typeof DeviceBody> {
  const { subscriber, id, provider, tokens, environment, environmentLearnedAt: learnedAt, app, name } = device;
  const os = readOs(device);
  return compact({
    subscriber,
    device: id,
    provider,
    tokens: Object.fromEntries(
      Object.entries(tokens).map(([kind, token]) => [kind.replace(/^ios_/, ""), shortenToken(token)]),
    ),
    os: os === "ios" ? os : undefined,
    environment,
    environment_learned_at: learnedAt === undefined ? undefined : new Date(learnedAt).toISOString(),
    app,
    name,
    registered_at: new Date(device.registeredAt).toISOString(),
  });
}
