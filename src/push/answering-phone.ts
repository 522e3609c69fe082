import type { CallRegistration } from "./call.ts";
import type { Device } from "./device.ts";
import { readSipUri, unescapeText, type SipUri } from "./sip-uri.ts";
import { compact } from "./compact.ts";

/** The Contact of a phone's answer, taken apart. */
export interface AnsweringContact {
  /** The SIP URI that it answers from. */
  readonly uri: string;
  /** `+sip.instance` without its brackets. */
  readonly instance?: string;
  /** The name that a device which is learned from this Contact would have. */
  readonly deviceId?: string;
  readonly tokens: readonly string[];
}

export interface AnsweringPhone {
  /** Undefined if several phones may be meant, or one that is not known. */
  readonly deviceId?: string;
  /** The devices that may be the one: none of them must be told that another phone has answered. */
  readonly candidates: ReadonlySet<string>;
}

type KnownPhone = Pick<Device, "id" | "tokens" | "binding" | "contact">;

/**
 * Finds the phone that a Contact belongs to: by its tokens, by its instance (`+sip.instance`, or the `gr` of its public GRUU,
 * RFC 5627 §3.1), by the address that it registered during the call, by the address that it registered last. If nothing
 * fits, every phone whose address is not known may be meant.
 */
export function findAnsweringPhone(
  contact: AnsweringContact,
  registrations: readonly CallRegistration[],
  devices: readonly KnownPhone[],
): AnsweringPhone {
  const uri = readSipUri(contact.uri);
  const instances = new Set([contact.instance, readGruu(uri)].flatMap((one) => (one === undefined ? [] : [fold(one)])));
  const address = addressOf(uri);
  const isThere = (text: string | undefined): boolean =>
    text !== undefined && address !== undefined && addressOf(readSipUri(text)) === address;
  const idsOf = (isMeant: (device: KnownPhone) => boolean) => devices.filter(isMeant).map(({ id }) => id);
  const signs = [
    () => idsOf(({ tokens }) => Object.values(tokens).some((token) => contact.tokens.includes(token))),
    () => idsOf(({ binding }) => binding !== undefined && instances.has(fold(binding.instance))),
    () => idsOf(({ id }) => id === contact.deviceId || instances.has(fold(id))),
    () =>
      registrations.flatMap(({ contact: at, deviceId }) => (deviceId !== undefined && isThere(at) ? [deviceId] : [])),
    () => idsOf((device) => isThere(device.contact)),
  ];
  for (const findIds of signs) {
    const found = new Set(findIds());
    const [only] = found;
    if (only !== undefined) return compact({ candidates: found, deviceId: found.size === 1 ? only : undefined });
  }
  const located = new Set(registrations.map(({ deviceId }) => deviceId));
  return { candidates: new Set(idsOf(({ id, contact: at }) => at === undefined && !located.has(id))) };
}

function fold(instance: string): string {
  return instance.toLowerCase();
}

/** The instance that a public GRUU names; a temporary one (`gr` without a value) names none. */
function readGruu(uri: SipUri | undefined): string | undefined {
  const gr = uri?.parameters.get("gr");
  return gr === undefined || gr === "" ? undefined : unescapeText(gr).replaceAll('"', "");
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { sips: 5061 };
const DEFAULT_PORT = 5060;

/** User, host and port: two phones differ in these, whatever the parameters say. */
function addressOf(uri: SipUri | undefined): string | undefined {
  if (uri?.host === undefined || uri.scheme === "tel") return undefined;
  const { user = "", host, port = DEFAULT_PORTS[uri.scheme ?? ""] ?? DEFAULT_PORT } = uri;
  return `${user}@${host}:${port}`;
}
