import type { Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Connections } from "./connections.ts";

const QUIET_MS = 50;
/** The longest that a closing server takes connections, in notices. */
const MAX_NOTICES = 4;

/**
 * To be awaited before a listener is closed. Node takes one new connection per turn of its loop, and those that still wait for theirs
 * when the listener closes are reset: after a busy time that may be many. So it is left open for the notice, and then, with
 * hardly any room to wait in, until none comes any more.
 */
export async function takeWaiting(
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
 * Who finds no room tries again in a second and is refused then, which is no failure: nothing was sent. It is listen(2) once more on
 * the open socket, for which Node has no public name; a Node without this one would do no harm.
 */
export function shrinkBacklog(server: Server): void {
  const { _handle } = server as unknown as { readonly _handle?: { listen?(backlog: number): number } | null };
  _handle?.listen?.(0);
}
