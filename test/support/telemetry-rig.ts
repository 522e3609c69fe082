import type { Outcome } from "../../src/push/outcome.ts";
import type { Push, PushRequest } from "../../src/push/push.ts";
import { createGatewayEvents } from "../../src/telemetry/events.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { aCall, aTarget } from "./builders.ts";

export const PUSH_ID = "11111111-2222-4333-8444-555555555555";

export function startTelemetry() {
  const lines: string[] = [];
  const logger = createLogger({ level: "debug", destination: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics({ version: "1.2.3", dialects: ["v1", "sipwise"], processMetrics: false });
  const events = createGatewayEvents({ logger, metrics });
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { events, metrics, lines, records };
}

export function aPush(request: PushRequest = aCall()): Push {
  const delivery = { ...aTarget(), state: "pending", attempts: 0 } as const;
  return { id: PUSH_ID, request, acceptedAt: 1_000, deadline: 31_000, state: "pending", deliveries: [delivery] };
}

export function anAttempt(outcome: Outcome, target = aTarget()) {
  return { pushId: PUSH_ID, kind: "call", target, attempt: 1, outcome, durationMs: 40, sinceAcceptedMs: 120 } as const;
}

export const DELIVERED = { kind: "delivered", providerMessageId: PUSH_ID } as const;
