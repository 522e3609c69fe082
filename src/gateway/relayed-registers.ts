import type { Aor } from "../push/address.ts";
import type { CallEvent } from "../push/call.ts";
import type { Calls } from "./calls.ts";
import type { ContactBinding, ContactReading, ReadContacts, RelayedRegister } from "./contact-reading.ts";
import type { Registrations } from "./registrations.ts";

export type DeviceChange = "registered" | "refreshed" | "removed" | "none";

/** What became of one contact of a REGISTER. */
export interface ContactResult {
  readonly change: DeviceChange;
  readonly uri?: string;
  readonly deviceId?: string;
  /** Why the contact taught us nothing, in words for the operator. */
  readonly problem?: string;
}

export interface RegisterOutcome {
  readonly contacts: readonly ContactResult[];
  /** Calls that rang for the subscriber, and have a phone now. */
  readonly calls: readonly string[];
}

/** Learns phones from a REGISTER that a proxy relays, and tells the calls that wait for one. */
export type TakeRegister = (subscriber: Aor, register: RelayedRegister) => Promise<RegisterOutcome>;

export interface TakeRegisterDeps {
  readonly readContacts: ReadContacts;
  readonly registrations: Pick<Registrations, "register" | "unregister" | "list">;
  readonly calls: Pick<Calls, "hear">;
}

export function createTakeRegister(deps: TakeRegisterDeps): TakeRegister {
  return async (subscriber, register) => {
    const contacts: ContactResult[] = [];
    const calls = new Set<string>();
    for (const reading of deps.readContacts(register)) {
      contacts.push(await learn(deps, subscriber, reading));
      if (!isThere(reading)) continue;
      const event = await describeArrival(deps, subscriber, reading);
      for (const { id, state } of await deps.calls.hear({ callee: subscriber }, event)) {
        if (state === "registered") calls.add(id);
      }
    }
    return { contacts, calls: [...calls] };
  };
}

async function learn(
  { registrations }: TakeRegisterDeps,
  subscriber: Aor,
  reading: ContactReading,
): Promise<ContactResult> {
  switch (reading.kind) {
    case "phone": {
      const { deviceId, name } = reading.binding;
      if (deviceId === undefined) return { ...nameOf(reading.binding), change: "none", problem: NAMELESS };
      const device = { subscriber, id: deviceId, ...reading.phone, ...(name === undefined ? {} : { name }) };
      const { result } = await registrations.register(device);
      return { ...nameOf(reading.binding), change: result.created ? "registered" : "refreshed" };
    }
    case "removed": {
      const { deviceId } = reading.binding;
      const isRemoved = deviceId !== undefined && (await registrations.unregister(subscriber, deviceId));
      return { ...nameOf(reading.binding), change: isRemoved ? "removed" : "none" };
    }
    case "without_push":
      return { ...nameOf(reading.binding), change: "none" };
    case "all_removed":
      // Softphones clear old bindings so when they start: it says nothing about the subscriber's other phones.
      return { change: "none" };
    case "unreadable":
      return { change: "none", problem: reading.reason };
  }
}

const NAMELESS = "the contact has neither an instance id nor a token";

/** Push parameters that cannot be read do not make the phone go away. */
function isThere(reading: ContactReading): boolean {
  return reading.kind === "phone" || reading.kind === "without_push" || reading.kind === "unreadable";
}

type Arrival = Extract<CallEvent, { kind: "registered" }>;

async function describeArrival(
  { registrations }: TakeRegisterDeps,
  subscriber: Aor,
  reading: ContactReading,
): Promise<Arrival> {
  if (!("binding" in reading)) return { kind: "registered" };
  const { uri: contact, deviceId } = reading.binding;
  const arrival: Arrival = { kind: "registered", contact, ...(deviceId === undefined ? {} : { deviceId }) };
  if (reading.kind === "phone") return { ...arrival, provider: reading.phone.provider };
  // The app has given its token by another way; a subscriber's only phone needs no name to be known.
  const known = await registrations.list(subscriber);
  const device = known.find(({ id }) => id === deviceId) ?? (known.length === 1 ? known[0] : undefined);
  return device === undefined ? arrival : { ...arrival, deviceId: device.id, provider: device.provider };
}

function nameOf({ uri, deviceId }: ContactBinding): Pick<ContactResult, "uri" | "deviceId"> {
  return { uri, ...(deviceId === undefined ? {} : { deviceId }) };
}
