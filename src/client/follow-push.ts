import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../gateway/clock.ts";
import { isTerminal } from "../push/push.ts";
import { needsMending, type PushReport } from "../trace/trace-report.ts";
import type { GatewayClient } from "./gateway-client.ts";

export interface FollowDeps {
  readonly client: GatewayClient;
  readonly clock: Clock;
  /** Called with each state that is not the last one, and the milliseconds since the start. */
  readonly onWaiting?: (push: PushReport, elapsedMs: number) => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** Asks until the push has ended or needs mending, or for `timeoutMs`. Returns its last known state. */
export async function followPush(deps: FollowDeps, id: string, timeoutMs: number): Promise<PushReport> {
  const { client, clock, onWaiting } = deps;
  const startedAt = clock();
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    const push = await client.request<PushReport>({ method: "GET", path: `/v1/pushes/${id}` }, "deliveries");
    const leftMs = startedAt + timeoutMs - clock();
    if (isTerminal(push.state) || needsMending(push) || leftMs <= 0) return push;
    onWaiting?.(push, clock() - startedAt);
    await sleep(Math.min(pauseMs, leftMs));
  }
}
