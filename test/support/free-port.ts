import { once } from "node:events";
import { createServer } from "node:net";

const FIRST = 20_000;
const LAST = 31_999;

/** A server that was given one may not listen yet. */
const taken = new Set<number>();

/**
 * A port that a server can come back to after a restart: below those that the kernel hands out for outgoing connections, or one
 * of ours could sit on it meanwhile.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    if (taken.has(port)) continue;
    taken.add(port);
    return port;
  }
}
