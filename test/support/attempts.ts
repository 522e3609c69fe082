import type { Attempt } from "../../src/gateway/push-provider.ts";
import type { Device } from "../../src/push/device.ts";
import type { PushRequest } from "../../src/push/push.ts";
import { buildNotificationId } from "../../src/push/uuids.ts";
import { chooseTargets } from "../../src/push/targets.ts";

export const ACCEPTED_AT = 1_800_000_000_000;
export const PUSH_ID = "7d0f3c1e-9b0a-4a52-8f57-2f8e5f0f6c11";

/** The `apns-id` of that push to the device `iphone`. */
export const APNS_ID = buildNotificationId(PUSH_ID, "iphone");

/** An attempt of a push to a device, with a minute left. */
export function anAttempt(request: PushRequest, device: Device, overrides: Partial<Attempt["push"]> = {}): Attempt {
  const [target] = chooseTargets(request.kind, [device]);
  if (target === undefined) throw new Error(`${device.id} has no token for a ${request.kind}`);
  const push = { id: PUSH_ID, request, acceptedAt: ACCEPTED_AT, deadline: ACCEPTED_AT + 60_000, ...overrides };
  return { push, target };
}
