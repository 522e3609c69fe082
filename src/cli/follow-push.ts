import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../gateway/clock.ts";
import { isAppRefused } from "../push/explanations/refused-app.ts";
import { isTerminal, type PushState } from "../push/push.ts";
import type { GatewayClient } from "./gateway-client.ts";
import type { Progress } from "./progress.ts";

/** How one device fared, as GET /v1/pushes/{id} tells it. */
export interface DeliveryReport {
  readonly device: string;
  readonly provider: string;
  readonly environment: string;
  readonly token_kind: string;
  readonly state: PushState;
  readonly attempts: number;
  readonly reason?: string;
  readonly provider_message_id?: string;
}

export interface PushReport {
  readonly id: string;
  readonly kind: string;
  readonly callee: string;
  readonly state: PushState;
  readonly reason?: string;
  readonly deadline: string;
  /** The push that this one sends again. */
  readonly replay_of?: string;
  /** The push that sent this one again, and when. */
  readonly replayed_as?: string;
  readonly replayed_at?: string;
  readonly deliveries: readonly DeliveryReport[];
}

export interface FollowDeps {
  readonly client: GatewayClient;
  readonly progress: Progress;
  readonly clock: Clock;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** What is left of the push waits for an operator: no further attempt helps before something is mended. */
export function needsMending({ deliveries }: Pick<PushReport, "deliveries">): boolean {
  const open = deliveries.filter(({ state }) => !isTerminal(state));
  return open.length > 0 && open.every(({ reason }) => reason !== undefined && isAppRefused(reason));
}

/** Asks until the push has ended or needs mending, or for `timeoutMs`; answers how it stood at last. */
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
