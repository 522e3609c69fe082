import { randomUUID } from "node:crypto";
import type { Clock } from "../gateway/clock.ts";
import type { PushProvider } from "../gateway/push-provider.ts";
import { buildAor } from "../push/address.ts";
import type { Outcome } from "../push/outcome.ts";
import type { Target } from "../push/push.ts";

const DEADLINE_MS = 30_000;

/** Sends a push to a made-up token through the provider: a call to a VoIP token, a message to any other. */
export function sendProbe(
  provider: PushProvider,
  target: Omit<Target, "deviceId">,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome> {
  const now = clock();
  const kind = target.tokenKind === "voip" ? ("call" as const) : ("message" as const);
  const request = { kind, callee: buildAor("nobody", "invalid"), silent: false, data: {}, aps: { alert: "check" } };
  const push = { id: randomUUID(), request, acceptedAt: now, deadline: now + DEADLINE_MS };
  return provider.send({ push, target: { ...target, deviceId: "check" } }, signal);
}
