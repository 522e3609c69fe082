import type { DeviceTokens } from "../push/device.ts";
import {
  buildPhone,
  guessPlatform,
  readAppId,
  readPlatform,
  readRfc8599,
  unreadable,
  type PhoneReading,
} from "./phone-address.ts";
import { compact } from "../push/compact.ts";

/** Decoded parameters of a Contact, by lower-case name. */
type Parameters = ReadonlyMap<string, string>;

export type PhoneSign =
  | PhoneReading
  /** A phone without push, such as a desk phone. */
  | { readonly kind: "without_push" }
  /** The app withdraws its token. */
  | { readonly kind: "push_off" };

/**
 * Reads how to wake the phone behind a contact, from the contact's parameters or from headers that some apps use. Each
 * form has its own names; the standard comes first, because an app that does not know its server sends several.
 */
export function readContactPhone(parameters: Parameters, readFromHeaders: () => PhoneSign): PhoneSign {
  const provider = parameters.get("pn-provider");
  if (provider !== undefined) {
    // An empty value: the app asks which push services there are (RFC 8599 §4.1).
    if (provider === "") return { kind: "without_push" };
    const os = readPlatform(parameters.get("pn-platform") ?? "") === "apple" ? "ios" : undefined;
    return readRfc8599({ provider, param: parameters.get("pn-param"), prid: parameters.get("pn-prid"), os });
  }
  if (parameters.has("pn-voip-tok") || parameters.has("pn-im-tok")) return readModApn(parameters);
  if (parameters.has("pn-tok")) return readTokenOf(parameters);
  return readFromHeaders();
}

/** `headers`: by lower-case name. */
export function readHeaderPhone(headers: ReadonlyMap<string, string>): PhoneSign {
  const mizu = headers.get("x-mpush");
  if (mizu !== undefined) return readMizu(mizu);
  const portsip = headers.get("x-p-push") ?? headers.get("x-push") ?? headers.get("portsip-push");
  return portsip === undefined ? { kind: "without_push" } : readPortsip(portsip);
}

/** FreeSWITCH's mod_apn: one parameter for each of an iPhone's two tokens. */
function readModApn(parameters: Parameters): PhoneReading {
  const voip = parameters.get("pn-voip-tok");
  const remote = parameters.get("pn-im-tok");
  const named = parameters.get("pn-platform");
  const platform = named === undefined ? guessPlatform(voip ?? remote ?? "") : readPlatform(named);
  if (platform === undefined) return unreadable("unknown_provider", "pn-platform is neither iOS nor Android");
  const { app, environment } = readAppId(parameters.get("app-id") ?? "");
  const tokens = platform === "google" ? { registration: voip ?? remote } : { voip, remote };
  return buildPhone(platform, dropAbsent(tokens), { app, environment });
}

/** Linphone before 4.4, Kazoo's apps, Brekeke and Sylk: the same names with small differences. */
function readTokenOf(parameters: Parameters): PhoneReading {
  const token = parameters.get("pn-tok") ?? "";
  const type = parameters.get("pn-type");
  const platform = type === undefined ? guessPlatform(token) : readPlatform(type);
  if (platform === undefined)
    return unreadable("unknown_provider", `the push service "${type?.slice(0, 40)}" (pn-type) is not supported`);
  const { app, environment, isVoip } = readAppId(parameters.get("app-id") ?? parameters.get("pn-app") ?? "");
  if (platform === "google") return buildPhone(platform, { registration: token }, { app, environment });
  // Sylk sends both tokens in one value. A single one is PushKit's.
  const [first = "", second] = token.split(/[-#]/);
  const isSylk = second !== undefined || parameters.has("pn-app") || parameters.has("pn-device");
  const tokens = isVoip || isSylk ? { voip: first, remote: second } : { remote: first };
  return buildPhone(platform, dropAbsent(tokens), { app, environment });
}

/** `PLATFORM:PACKAGE:TOKEN`, with the platform as one letter. The token may contain colons. */
function readMizu(header: string): PhoneReading {
  const [, letter = "", packageName = "", token = ""] = /^\s*(\w+):([^:]*):(.*?)\s*$/s.exec(header) ?? [];
  const isApple = letter.toLowerCase().startsWith("i");
  const { app, environment, isVoip } = readAppId(packageName);
  const tokens = isApple ? { [isVoip ? "voip" : "remote"]: token } : { registration: token };
  return buildPhone(isApple ? "apple" : "google", tokens, { app, environment });
}

/** `device-os=ios;device-uid=VOIP|REMOTE;allow-call-push=true;allow-message-push=true;app-id=…` */
function readPortsip(header: string): PhoneSign {
  const fields = new Map(
    header.split(";").map((text) => {
      const equals = text.indexOf("=");
      return [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
    }),
  );
  const isAllowed = (what: string) => fields.get(`allow-${what}-push`)?.toLowerCase() !== "false";
  if (!isAllowed("call") && !isAllowed("message")) return { kind: "push_off" };
  const { app, environment } = readAppId(fields.get("app-id") ?? "");
  const token = fields.get("device-uid") ?? "";
  const [first = ""] = token.split("|");
  if ((readPlatform(fields.get("device-os") ?? "") ?? guessPlatform(first)) === "google") {
    return token === ""
      ? { kind: "without_push" }
      : buildPhone("google", { registration: token }, { app, environment });
  }
  const [voip, remote] = token.split("|");
  const tokens = compact({
    voip: isAllowed("call") ? voip : undefined,
    remote: isAllowed("message") ? remote : undefined,
  });
  return buildPhone("apple", dropAbsent(tokens), { app, environment });
}

function dropAbsent(tokens: Readonly<Record<string, string | undefined>>): DeviceTokens {
  return Object.fromEntries(Object.entries(tokens).filter(([, token]) => token !== undefined && token !== ""));
}
