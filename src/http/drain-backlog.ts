import type { Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Connections } from "./connections.ts";

const QUIET_MS = 50;
/** Limit for how long a closing server accepts connections, as a multiple of the notice. */
const MAX_NOTICES = 4;

/**
 * Drains the accept queue; await it before closing a listener. Node accepts one connection per turn of its loop, and
 * those still queued when the listener closes are reset, which may be many after a busy time. So the listener stays
 * open for the notice, and then with a minimal backlog until no more connections arrive.
 */
export async function drainBacklog(
  server: Server,
  connections: Pick<Connections, "lastTakenAt">,
  noticeMs: number,
): Promise<void> {
  const latest = performance.now() + MAX_NOTICES * noticeMs;
  await wait(noticeMs);
  shrinkBacklog(server);
  do await wait(QUIET_MS);
  while (performance.now() < latest && performance.now() - connections.lastTakenAt < QUIET_MS);
}

/**
 * Shrinks the listen backlog. A client that finds the backlog full retransmits its SYN after 1 s and is refused; no
 * request is lost. This calls listen(2) again on the open socket, for which Node has no public API. On a Node without
 * it, nothing happens.
 */
export function shrinkBacklog(server: Server): void {
  const { _handle } = server as unknown as { readonly _handle?: { listen?(backlog: number): number } | null };
  _handle?.listen?.(0);
}
