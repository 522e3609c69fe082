import type { Delivery, DeliveryState, Push, PushRequest, PushState, Target } from "../../push/push.ts";
import type { PushPreferences } from "../../push/preferences.ts";
import type { DeliveryResult } from "../../gateway/push-store.ts";
import { compact } from "../../push/compact.ts";

/** Fields of a push's hash. The accept script writes it, and settle adds to it. */
export type PushFields = Readonly<Record<string, string>>;

/** Converts a script's HGETALL reply. */
export function readFields(flat: readonly string[]): PushFields {
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) fields[flat[index] ?? ""] = flat[index + 1] ?? "";
  return fields;
}

function readRequest(json: string, silent: string | undefined): PushRequest {
  return { ...(JSON.parse(json) as PushRequest), silent: silent === "1" };
}

export function readTargets(json: string | undefined): readonly Target[] {
  return JSON.parse(json ?? "[]") as Target[];
}

/** Returns no preferences for a missing or empty field. */
export function readPreferences(json: string | undefined): Pick<Push, "preferences"> {
  return json === undefined || json === "" ? {} : { preferences: JSON.parse(json) as PushPreferences };
}

export function readPush(id: string, fields: PushFields): Push {
  const { request = "{}", silent, state, reason, accepted_at: acceptedAt, deadline, targets, states = "" } = fields;
  const endedAt = fields["ended_at"];
  const words = states.split(" ");
  return compact({
    id,
    request: readRequest(request, silent),
    acceptedAt: Number(acceptedAt),
    deadline: Number(deadline),
    state: state as PushState,
    endedAt: endedAt === undefined ? undefined : Number(endedAt),
    reason,
    ...readPreferences(fields["preferences"]),
    ...readReplayed(fields),
    deliveries: readTargets(targets).map((target, position) =>
      readDelivery(target, words[position] as DeliveryState, position, fields),
    ),
  });
}

function readReplayed(fields: PushFields): Pick<Push, "replayed"> {
  const as = fields["replayed_as"];
  return as === undefined ? {} : { replayed: { as, at: Number(fields["replayed_at"]) } };
}

/** Recorded members of a delivery besides state and reason. */
type StoredResult = Pick<DeliveryResult, "attempts" | "providerMessageId" | "notBefore" | "tries">;

function readDelivery(target: Target, state: DeliveryState, position: number, fields: PushFields): Delivery {
  const result = fields[`result:${position}`];
  const reason = fields[`reason:${position}`];
  if (result === undefined) return { ...target, state, attempts: 0 };
  const { attempts, providerMessageId, notBefore, tries } = JSON.parse(result) as StoredResult;
  return {
    ...target,
    state,
    attempts,
    ...(reason === undefined ? {} : { reason }),
    ...(providerMessageId === undefined ? {} : { providerMessageId }),
    ...(notBefore === undefined || state === "cancelled" ? {} : { notBefore }),
    ...(tries === undefined ? {} : { tries }),
  };
}

/** Returns the settle script's arguments for one delivery. */
export function writeResult(position: number, result: DeliveryResult): readonly [number, string, string, string] {
  const { state, reason, attempts, providerMessageId, notBefore, tries } = result;
  const stored: StoredResult = compact({
    attempts,
    providerMessageId,
    notBefore,
    tries,
  });
  return [position, state, JSON.stringify(stored), reason === undefined ? "" : `=${reason}`];
}
