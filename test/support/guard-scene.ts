import { explainReason } from "../../src/providers/explain-reason.ts";
import { vi } from "vitest";
import { createAlarms } from "../../src/gateway/alarms.ts";
import { AppGuard, type AppGuardDeps } from "../../src/gateway/deliver/app-guard.ts";
import type { Attempt } from "../../src/gateway/push-provider.ts";
import type { Outcome } from "../../src/push/outcome.ts";
import type { PushRequest } from "../../src/push/push.ts";
import { anAttempt } from "./attempts.ts";
import { aCall, anIphone } from "./builders.ts";
import { createRecordingEvents, DELIVERED, type Step } from "./gateway-doubles.ts";
import { createManualClock } from "./manual-clock.ts";

const NEVER = new AbortController().signal;

/** Creates a guard with a provider that answers with this step, or with one that the test sets later. */
export function arrangeGuard({ step = DELIVERED, ...deps }: Partial<AppGuardDeps> & { step?: Step } = {}) {
  const clock = createManualClock();
  const events = createRecordingEvents();
  const alarms = createAlarms({ events, clock });
  const sent: Attempt[] = [];
  const provider = {
    app: "global/apns",
    step,
    async send(attempt: Attempt, signal: AbortSignal) {
      sent.push(attempt);
      return (typeof provider.step === "function" ? provider.step(attempt, signal) : provider.step) as Promise<Outcome>;
    },
    [Symbol.asyncDispose]: vi.fn<() => Promise<void>>(async () => undefined),
  };
  const guard = new AppGuard(provider, { alarms, clock, explain: explainReason, ...deps });
  const send = (request: PushRequest = aCall(), device = anIphone(), signal = NEVER) =>
    guard.send(anAttempt(request, device, { acceptedAt: clock(), deadline: clock() + 60_000 }), signal);
  const sendAll = async (...outcomes: readonly Step[]): Promise<void> => {
    for (const outcome of outcomes) {
      provider.step = outcome;
      await send();
    }
  };
  const kinds = () => alarms.list().map(({ kind }) => kind);
  return { clock, alarms, events, provider, guard, sent, send, sendAll, kinds };
}
