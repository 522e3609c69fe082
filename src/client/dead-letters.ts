import { compact } from "../push/compact.ts";
import type { PushReport } from "../trace/trace-report.ts";
import type { GatewayClient } from "./gateway-client.ts";

/** A push that failed or expired. */
export interface DeadLetter extends PushReport {
  readonly accepted_at: string;
  readonly ended_at?: string;
}

/** Answer to a replay. */
export interface ReplayReceipt {
  /** Id of the new push. */
  readonly id: string;
  readonly status: string;
  readonly state?: string;
  readonly code?: string;
}

/** Most dead letters in one answer of the gateway. */
export const DEAD_LETTER_PAGE = 500;

/** Returns dead letters, newest first: those after `before`, an id, or the newest. `limit` is checked by the gateway. */
export async function listDeadLetters(client: GatewayClient, limit: string, before?: string): Promise<DeadLetter[]> {
  const query = new URLSearchParams(compact({ limit, before }));
  const path = `/v1/dead-letters?${query.toString()}`;
  const page = await client.request<{ dead_letters: DeadLetter[] }>({ method: "GET", path }, "dead_letters");
  return page.dead_letters;
}

export async function listAllDeadLetterIds(client: GatewayClient): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await listDeadLetters(client, String(DEAD_LETTER_PAGE), ids.at(-1));
    ids.push(...page.map(({ id }) => id));
    if (page.length < DEAD_LETTER_PAGE) return ids;
  }
}

/** Sends a dead letter again. `force`: also for a call that is over. */
export function replayDeadLetter(client: GatewayClient, id: string, force: boolean): Promise<ReplayReceipt> {
  const path = `/v1/dead-letters/${encodeURIComponent(id)}/replay`;
  return client.request<ReplayReceipt>({ method: "POST", path, body: { force } }, "id");
}

export function dropDeadLetter(client: GatewayClient, id: string): Promise<void> {
  return client.requestNothing({ method: "DELETE", path: `/v1/dead-letters/${encodeURIComponent(id)}` });
}
