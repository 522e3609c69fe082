import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../gateway/clock.ts";
import { isAppRefused } from "../providers/app-refused.ts";
import { isTerminal } from "../push/push.ts";
import type { PushReport } from "../trace/trace-report.ts";
import type { GatewayClient } from "./gateway-client.ts";
import type { Progress } from "./progress.ts";

export interface FollowDeps {
  readonly client: GatewayClient;
  readonly progress: Progress;
  readonly clock: Clock;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** Returns true if every open delivery waits for an operator: no further attempt helps before something is fixed. */
export function needsMending({ deliveries }: Pick<PushReport, "deliveries">): boolean {
  const open = deliveries.filter(({ state }) => !isTerminal(state));
  return open.length > 0 && open.every(({ reason }) => reason !== undefined && isAppRefused(reason));
}

/** Asks until the push has ended or needs mending, or for `timeoutMs`. Returns its last known state. */
export async function followPush(deps: FollowDeps, id: string, timeoutMs: number): Promise<PushReport> {
  const { client, progress, clock } = deps;
  const startedAt = clock();
  try {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
      const push = await client.request<PushReport>({ method: "GET", path: `/v1/pushes/${id}` }, "deliveries");
      const leftMs = startedAt + timeoutMs - clock();
      if (isTerminal(push.state) || needsMending(push) || leftMs <= 0) return push;
      progress.update(describeWaiting(push, Math.floor((clock() - startedAt) / 1000)));
      await sleep(Math.min(pauseMs, leftMs));
    }
  } finally {
    progress.clear();
  }
}

function describeWaiting({ deliveries }: PushReport, seconds: number): string {
  const ended = deliveries.filter(({ state }) => isTerminal(state)).length;
  const last = deliveries.find(({ state, reason }) => !isTerminal(state) && reason !== undefined);
  const trouble = last === undefined ? "" : `; ${last.device}: ${last.reason} after attempt ${last.attempts}`;
  return `Waiting for ${deliveries.length - ended} of ${deliveries.length} devices, ${seconds} s${trouble}`;
}
