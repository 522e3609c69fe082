import { Type, type Static } from "typebox";
import { GatewayError } from "../../gateway/errors.ts";
import type { Aor } from "../../push/address.ts";
import { PROVIDER_NAMES } from "../../providers/registry.ts";
import {
  bundleIdOf,
  ENVIRONMENTS,
  isFid,
  kindOfFirebaseToken,
  OSES,
  readOs,
  readToken,
  shortenToken,
  type Device,
  type DeviceTokens,
} from "../../push/device.ts";
import { Line } from "./schemas.ts";

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
  const tokens = provider === "apns" ? readApnsTokens(body) : readFirebaseToken(body);
  return {
    subscriber,
    id,
    provider,
    tokens,
    environment,
    ...(app === undefined ? {} : { app: bundleIdOf(app) }),
    ...(name === undefined ? {} : { name }),
  };
}

function readApnsTokens({ token, tokens, fid, os }: Static<typeof NewDeviceBody>): DeviceTokens {
  if (fid !== undefined) {
    throw new GatewayError("invalid_field", "A Firebase installation id is for provider fcm; apns has tokens.", {
      field: "fid",
    });
  }
  if (os === "android") {
    throw new GatewayError("invalid_field", "A device of apns runs ios.", { field: "os" });
  }
  if (token !== undefined) {
    throw new GatewayError("invalid_field", "An iPhone has two tokens: send tokens.voip, tokens.remote or both.", {
      field: "token",
    });
  }
  const { voip, remote } = tokens ?? {};
  if (voip === undefined && remote === undefined) {
    throw new GatewayError("missing_field", "tokens.voip, tokens.remote or both are needed.", { field: "tokens" });
  }
  return {
    ...(voip === undefined ? {} : { voip: readApnsToken("tokens.voip", voip) }),
    ...(remote === undefined ? {} : { remote: readApnsToken("tokens.remote", remote) }),
  };
}

function readApnsToken(field: string, text: string): string {
  const token = readToken("remote", text);
  if (token !== undefined) return token;
  const detail = `${field} has to be the token's bytes in hex: an even number of digits, 8 to 400.`;
  throw new GatewayError("invalid_field", detail, { field });
}

function readFirebaseToken(body: Static<typeof NewDeviceBody>): DeviceTokens {
  const { token, tokens, fid, os, provider } = body;
  if (tokens !== undefined) {
    throw new GatewayError("invalid_field", `A device of ${provider} has one token: send it as token.`, {
      field: "tokens",
    });
  }
  if (provider === "gcm" && (fid !== undefined || os === "ios")) {
    const field = fid === undefined ? "os" : "fid";
    throw new GatewayError("invalid_field", `Google's old API knows no ${field}: use provider fcm.`, { field });
  }
  if (fid !== undefined) return readInstallationId(fid, body);
  if (token === undefined) throw new GatewayError("missing_field", "token is needed.", { field: "token" });
  const registration = readToken("registration", token);
  if (registration !== undefined && provider === "gcm") return { registration };
  if (registration !== undefined) return { [kindOfFirebaseToken(registration, os)]: registration };
  const detail =
    "token has to be a registration token: 8 to 4096 printable ASCII characters without spaces, and no mere word.";
  throw new GatewayError("invalid_field", detail, { field: "token" });
}

function readInstallationId(fid: string, { token, os }: Static<typeof NewDeviceBody>): DeviceTokens {
  if (token !== undefined) {
    throw new GatewayError("invalid_field", "A device has a token or a fid: send one of them.", { field: "fid" });
  }
  if (isFid(fid)) return { [kindOfFirebaseToken(fid, os)]: fid };
  const detail =
    "fid has to be a Firebase installation id: 22 letters, digits, _ and -, the first of them c, d, e or f.";
  throw new GatewayError("invalid_field", detail, { field: "fid" });
}

export function buildDeviceBody(device: Device): Static<typeof DeviceBody> {
  const { subscriber, id, provider, tokens, environment, environmentLearnedAt: learnedAt, app, name } = device;
  const os = readOs(device);
  return {
    subscriber,
    device: id,
    provider,
    tokens: Object.fromEntries(
      Object.entries(tokens).map(([kind, token]) => [kind.replace(/^ios_/, ""), shortenToken(token)]),
    ),
    ...(os === "ios" ? { os } : {}),
    environment,
    ...(learnedAt === undefined ? {} : { environment_learned_at: new Date(learnedAt).toISOString() }),
    ...(app === undefined ? {} : { app }),
    ...(name === undefined ? {} : { name }),
    registered_at: new Date(device.registeredAt).toISOString(),
  };
}
