import type { Aor } from "../../push/address.ts";
import type { CallEvent } from "../../push/call.ts";
import type { SipBinding } from "../../push/shared-token.ts";
import type { Device } from "../../push/device.ts";
import type { Clock } from "../clock.ts";
import type { Calls } from "../calls/calls.ts";
import type {
  ContactBinding,
  ContactProblem,
  ContactReading,
  ReadContacts,
  RelayedRegister,
} from "../contact-reading.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { BindingWakes } from "./binding-wakes.ts";
import type { Registrations } from "./registrations.ts";
import { compact } from "../../push/compact.ts";

export type DeviceChange = "registered" | "refreshed" | "removed" | "none";

/** Result for one contact of a REGISTER. */
export interface ContactResult {
  readonly change: DeviceChange;
  readonly uri?: string;
  readonly deviceId?: string;
  /** Why the contact could not be used. */
  readonly problem?: ContactProblem;
}

export interface RegisterOutcome {
  readonly contacts: readonly ContactResult[];
  /** Ids of the subscriber's ringing calls that now have a phone. */
  readonly calls: readonly string[];
}

/** Learns phones from a relayed REGISTER, and notifies the calls that wait for one. */
export type TakeRegister = (subscriber: Aor, register: RelayedRegister) => Promise<RegisterOutcome>;

export interface TakeRegisterDeps {
  readonly readContacts: ReadContacts;
  readonly registrations: Pick<Registrations, "register" | "unregister" | "list">;
  readonly calls: Pick<Calls, "hear">;
  readonly wakes: Pick<BindingWakes, "bound" | "unbound">;
  readonly events: Pick<GatewayEvents, "contactNotLearned">;
  readonly clock: Clock;
}

export function createTakeRegister(deps: TakeRegisterDeps): TakeRegister {
  return async (subscriber, register) => {
    const contacts: ContactResult[] = [];
    const calls = new Set<string>();
    for (const read of deps.readContacts(register)) {
      const reading = recognise(read, await deps.registrations.list(subscriber));
      const result = await learn(deps, subscriber, reading);
      contacts.push(result);
      if (result.problem !== undefined) deps.events.contactNotLearned(subscriber, result.problem);
      if (!isThere(reading)) continue;
      for (const { id, state } of await deps.calls.hear({ callee: subscriber }, describeArrival(reading, result))) {
        if (state === "registered") calls.add(id);
      }
    }
    return { contacts, calls: [...calls] };
  };
}

/** A contact with the known device that it belongs to. */
interface Recognised {
  readonly reading: ContactReading;
  readonly device?: Device;
}

/**
 * Finds the device of a contact. The app may have registered its token through the API under another id, so the token
 * decides, then the id. A phone that states neither is the subscriber's only device, if he has just one.
 */
function recognise(reading: ContactReading, known: readonly Device[]): Recognised {
  const named = (device: Device | undefined) => (device === undefined ? { reading } : { reading, device });
  if (!("binding" in reading) || reading.binding === undefined) return named(known.length === 1 ? known[0] : undefined);
  const { deviceId } = reading.binding;
  const tokens = new Set("phone" in reading ? Object.values(reading.phone?.tokens ?? {}) : []);
  const byToken = known.find((device) => Object.values(device.tokens).some((token) => tokens.has(token)));
  const byName = known.find(({ id }) => id === deviceId);
  const isUnnamed = reading.kind === "without_push" || reading.kind === "unreadable";
  const only = isUnnamed && known.length === 1 ? known[0] : undefined;
  return named(byToken ?? byName ?? only);
}

async function learn(
  { registrations, wakes, clock }: TakeRegisterDeps,
  subscriber: Aor,
  { reading, device: known }: Recognised,
): Promise<ContactResult> {
  switch (reading.kind) {
    case "phone": {
      const id = known?.id ?? reading.binding.deviceId;
      if (id === undefined) return { ...nameOf(reading.binding), change: "none", problem: nameless(reading.binding) };
      const name = reading.binding.name ?? known?.name;
      const binding = readSipBinding(reading.binding, clock());
      const device = {
        subscriber,
        id,
        ...reading.phone,
        ...(name === undefined ? {} : { name }),
        ...(binding === undefined ? {} : { binding }),
        contact: reading.binding.uri,
      };
      const { result } = await registrations.register(device);
      await wakes.bound(subscriber, id, reading.binding);
      return { ...nameOf(reading.binding), deviceId: id, change: result.created ? "registered" : "refreshed" };
    }
    case "removed": {
      const id = known?.id ?? reading.binding.deviceId;
      const isRemoved = id !== undefined && (await registrations.unregister(subscriber, id));
      if (isRemoved) await wakes.unbound(subscriber, id);
      return { ...nameOf(reading.binding), change: isRemoved ? "removed" : "none" };
    }
    case "without_push":
      return { ...nameOf(reading.binding), change: "none" };
    case "all_removed":
      // Softphones clear old bindings in this way when they start, so it says nothing about the subscriber's other
      // phones.
      return { change: "none" };
    case "unreadable":
      return describeProblem(reading);
  }
}

/**
 * Returns undefined if the contact may not share its token with other accounts, because it names no instance or no
 * expiry.
 */
function readSipBinding({ instance, expires }: ContactBinding, now: number): SipBinding | undefined {
  return instance === undefined || expires === undefined ? undefined : { instance, until: now + expires * 1_000 };
}

function nameless({ uri }: ContactBinding): ContactProblem {
  return { trouble: "nameless", reason: "the contact has neither an instance id nor a token", uri };
}

function describeProblem({ binding, trouble, reason }: Extract<ContactReading, { kind: "unreadable" }>): ContactResult {
  if (binding === undefined) return { change: "none", problem: { trouble, reason } };
  return { ...nameOf(binding), change: "none", problem: { trouble, reason, uri: binding.uri } };
}

/** A phone with unreadable push parameters is still registered. */
function isThere({ reading }: Recognised): boolean {
  return reading.kind === "phone" || reading.kind === "without_push" || reading.kind === "unreadable";
}

type Arrival = Extract<CallEvent, { kind: "registered" }>;

function describeArrival({ reading, device }: Recognised, { problem }: ContactResult): Arrival {
  const binding = "binding" in reading ? reading.binding : undefined;
  const deviceId = device?.id ?? binding?.deviceId;
  const provider = reading.kind === "phone" ? reading.phone.provider : device?.provider;
  return compact({
    kind: "registered",
    contact: binding === undefined ? undefined : binding.uri,
    deviceId,
    provider,
    problem: problem === undefined ? undefined : problem.reason,
  });
}

function nameOf({ uri, deviceId }: ContactBinding): Pick<ContactResult, "uri" | "deviceId"> {
  return compact({ uri, deviceId });
}
