import type { TracedCall, TracedDelivery, TracedPush } from "./trace-report.ts";
import { compact } from "../push/compact.ts";

/** A phone that a call should wake. */
export interface Phone {
  readonly device: string;
  readonly push: TracedPush;
  readonly delivery: TracedDelivery;
  /** Epoch milliseconds at which its provider had the push. */
  readonly takenAt?: number;
  /** When the platform first reported the phone. */
  readonly cameAt?: number;
}

export function listPhones(call: TracedCall): Phone[] {
  const phones = call.pushes.flatMap((push) => push.deliveries.map((delivery) => ({ push, delivery })));
  return phones.map(({ push, delivery }) => {
    const { device } = delivery;
    const takenAt = readTaken(delivery);
    const cameAt = readArrival(call, phones.length === 1 ? undefined : device);
    return compact({
      device,
      push,
      delivery,
      takenAt,
      cameAt,
    });
  });
}

/** Returns when the call needed no phone any more: its end, or its deadline if no end was reported. */
export function endOf({ ended_at: endedAt, deadline }: TracedCall): number {
  return Date.parse(endedAt ?? deadline);
}

/** Returns true if the phone came while the call continued. */
export function cameInTime({ cameAt }: Phone, call: TracedCall): boolean {
  return cameAt !== undefined && cameAt <= endOf(call);
}

/** True if a phone registered or rang, and it is not known which one. */
export function hasUnknownPhone({ history }: TracedCall): boolean {
  return history.some(({ event, device }) => (event === "registered" || event === "ringing") && device === undefined);
}

function readTaken({ tries = [] }: TracedDelivery): number | undefined {
  const taken = tries.find(({ outcome }) => outcome === "delivered");
  return taken === undefined ? undefined : Date.parse(taken.at) + taken.took_ms;
}

/** Returns the time for the only phone, under any device id. */
function readArrival({ history, ended_by: endedBy, ended_at: endedAt }: TracedCall, device: string | undefined) {
  const isAbout = (named: string | undefined) => device === undefined || named === device;
  const came = history.find(
    (entry) => (entry.event === "registered" || entry.event === "ringing") && isAbout(entry.device),
  );
  if (came !== undefined) return Date.parse(came.at);
  return endedBy !== undefined && isAbout(endedBy) && endedAt !== undefined ? Date.parse(endedAt) : undefined;
}
