import { once } from "node:events";
import { createServer } from "node:net";

const FIRST = 20_000;
const LAST = 31_999;

/** Ports given out. Their servers may not listen yet. */
const taken = new Set<number>();

/**
 * Returns a port that a server can use again after a restart. It is below the ports that the kernel uses for outgoing
 * connections, which might occupy it meanwhile.
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
