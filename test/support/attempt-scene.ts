import { createAttemptDelivery, type AttemptDeps } from "../../src/gateway/deliver/attempt-delivery.ts";
import type { AnsweredAttempt } from "../../src/gateway/deliver/token-custody.ts";
import {
  createRecordingEvents,
  createScriptedProvider,
  DELIVERED,
  findAmong,
  noLimits,
  NO_PAUSE,
  type Step,
} from "./gateway-doubles.ts";
import { ACCEPTED_AT } from "./push-builders.ts";
import { createVirtualTime } from "./virtual-time.ts";

/** Creates a provider that answers with this step, and records what is noted about its tokens. */
export function arrangeAttempt({
  step = DELIVERED,
  ...overrides
}: Partial<AttemptDeps> & { readonly step?: Step } = {}) {
  const time = createVirtualTime(ACCEPTED_AT);
  const events = createRecordingEvents();
  const provider = createScriptedProvider(step);
  const noted: AnsweredAttempt[] = [];
  const attempt = createAttemptDelivery({
    findProvider: findAmong({ apns: provider }),
    custody: { note: async (attempt) => void noted.push(attempt) },
    events,
    clock: time.clock,
    random: () => 0.5,
    budgetOf: noLimits,
    retry: {
      call: { baseMs: 1_000, capMs: 8_000, maxAttempts: 3, busyMs: NO_PAUSE },
      message: { baseMs: 60_000, capMs: 600_000, maxAttempts: 3, busyMs: NO_PAUSE },
    },
    ...overrides,
  });
  return { attempt, time, events, provider, noted };
}
