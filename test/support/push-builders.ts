import { chooseTargets } from "../../src/push/targets.ts";
import type { Device } from "../../src/push/device.ts";
import type { Delivery, Push } from "../../src/push/push.ts";
import { aCall, anIphone } from "./builders.ts";

export const ACCEPTED_AT = 1_800_000_000_000;
export const RING_MS = 60_000;
export const LEASE_MS = 8_000;

/** A push to the devices with one delivery each, in its state after acceptance. */
export function aPush(overrides: Partial<Push> = {}, devices: readonly Device[] = [anIphone()]): Push {
  const request = overrides.request ?? aCall();
  return {
    id: "6f1e0c52-8f4d-4a0e-9a41-0d3b6d3a7c10",
    request,
    acceptedAt: ACCEPTED_AT,
    deadline: ACCEPTED_AT + RING_MS,
    state: "pending",
    deliveries: chooseTargets(request.kind, devices).map((target) => ({ ...target, state: "pending", attempts: 0 })),
    ...overrides,
  };
}

export function aDelivery(overrides: Partial<Delivery> = {}): Delivery {
  const [delivery] = aPush().deliveries;
  if (delivery === undefined) throw new Error("aPush() has a delivery");
  return { ...delivery, ...overrides };
}
