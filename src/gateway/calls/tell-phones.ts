import { randomUUID } from "node:crypto";
import { buildEndPushId, readCallEnd, type CallEnd, type EndForm } from "../../push/call-end.ts";
import type { Call } from "../../push/call.ts";
import { isAlertToken, type Device } from "../../push/device.ts";
import { type DedupWindows, buildDedupKey } from "../../push/dedup-key.ts";
import type { PayloadProfile } from "../../push/payload-profile.ts";
import type { Delivery, Push, PushRequest, Target } from "../../push/push.ts";
import { chooseTargets } from "../../push/targets.ts";
import type { TtlByKind } from "../../push/deadline.ts";
import type { Clock } from "../clock.ts";
import type { DeviceStore } from "../device-store.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { Acceptance, Lease, PushStore } from "../push-store.ts";
import { isUndone } from "../store-error.ts";
import { compact } from "../../push/compact.ts";

/**
 * Tells the phones that still ring how the call has ended, except those that may have ended it themselves. Repeating it reaches
 * them once. Never throws.
 */
export type TellPhones = (call: Call, mayHaveEnded?: ReadonlySet<string>) => Promise<void>;

export interface TellPhonesDeps {
  readonly store: Pick<PushStore, "accept" | "get">;
  readonly devices: Pick<DeviceStore, "list">;
  readonly deliver: (lease: Lease, askedAt: number) => void;
  /** Called if the store did not say whether it has the push. */
  readonly noteUnknown: (acceptance: Acceptance, dialect: string) => void;
  /** Measures the age of a lease. */
  readonly steady: Clock;
  readonly events: GatewayEvents;
  readonly dedup: DedupWindows;
  readonly ttl: TtlByKind;
  readonly leaseMs: number;
}

/** A phone that is reached later has stopped ringing by itself. */
const TTL_MS = 60_000;

export function createTellPhones(deps: TellPhonesDeps): TellPhones {
  const { store, devices, events } = deps;

  return async (call, mayHaveEnded = new Set()) => {
    const end = readCallEnd(call);
    if (end === undefined) return;
    try {
      const pushes = await Promise.all(call.pushIds.map((id) => store.get(id)));
      const rung = pushes
        .flatMap((push) => push?.deliveries.filter((to) => isOwed(to, push, end)) ?? [])
        .filter(({ deviceId }) => !mayHaveEnded.has(deviceId));
      if (rung.length === 0) return;
      const profile = pushes.find((push) => push !== undefined)?.request.profile;
      const known = await devices.list(call.callee);
      // The alert of a phone that rang by an alert is replaced. A phone that rang by CallKit is told in the background.
      const [alerted, called] = partition(rung, ({ tokenKind }) => isAlertToken(tokenKind));
      const others = called.flatMap((to) => reachOtherwise(to, known));
      await send(deps, call, end, { targets: alerted, form: "shown", profile });
      await send(deps, call, end, { targets: others, form: "silent", profile });
    } catch (error) {
      events.storeFailed("tell phones that a call has ended", error);
    }
  };
}

/**
 * Returns true if the push was sent, or was about to be sent when it was withdrawn, and the phone does not know of the
 * end yet.
 */
function isOwed({ deviceId, state, attempts }: Delivery, { reason }: Push, { exceptDevice }: CallEnd): boolean {
  return deviceId !== exceptDevice && (state === "delivered" || attempts > 0 || reason === "cancelled_in_flight");
}

/**
 * Chooses tokens other than VoIP: iOS kills an app that gets a VoIP push without a new call
 * (https://developer.apple.com/documentation/pushkit/responding-to-voip-notifications-from-pushkit). A phone without
 * another token stops ringing when its SIP leg ends.
 */
function reachOtherwise(rung: Delivery, known: readonly Device[]): readonly Target[] {
  if (rung.tokenKind !== "voip") return [targetOf(rung)];
  return chooseTargets(
    "call_end",
    known.filter(({ id }) => id === rung.deviceId),
  );
}

function targetOf({ deviceId, provider, tokenKind, token, environment, app }: Target): Target {
  return compact({ deviceId, provider, tokenKind, token, environment, app });
}

interface Message {
  readonly targets: readonly Target[];
  readonly form: EndForm;
  /** Payload form of the push that rang. */
  readonly profile: PayloadProfile | undefined;
}

async function send(deps: TellPhonesDeps, call: Call, { word }: CallEnd, message: Message): Promise<void> {
  const { targets, form, profile } = message;
  const [rang] = call.pushIds;
  if (targets.length === 0 || rang === undefined) return;
  const { store, deliver, events, dedup, ttl, leaseMs } = deps;
  const id = buildEndPushId(rang, word, form);
  // The end was repeated after the dedup window.
  if ((await store.get(id)) !== undefined) return;
  const request: PushRequest = compact({
    kind: "call_end",
    callee: call.callee,
    caller: call.caller,
    callId: call.id,
    pushId: `${rang}:${word}:${form}`,
    silent: form === "silent",
    data: { event: word },
    aps: {},
    ttlMs: TTL_MS,
    profile,
  });
  const targetsOnly = targets.map(targetOf);
  const key = buildDedupKey(request, dedup);
  const askedAt = deps.steady();
  const leaseToken = randomUUID();
  const acceptance = { id, request, dedup: key, ttl, leaseMs, leaseToken, targets: targetsOnly };
  const result = await store.accept(acceptance).catch((error: unknown) => {
    if (!isUndone(error)) deps.noteUnknown(acceptance, call.door);
    throw error;
  });
  if (result.kind !== "accepted") return;
  events.accepted(result.lease.push, call.door);
  deliver(result.lease, askedAt);
}

function partition<T>(values: readonly T[], isFirst: (value: T) => boolean): [T[], T[]] {
  return [values.filter(isFirst), values.filter((value) => !isFirst(value))];
}
