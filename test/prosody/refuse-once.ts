import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface RefusingFront extends AsyncDisposable {
  readonly url: string;
  /** Statuses of the answers, in order. */
  readonly statuses: () => readonly number[];
}

/** Starts a proxy for a gateway that answers the first request with 503 and forwards the others. */
export async function refuseOnce(gateway: string): Promise<RefusingFront> {
  const statuses: number[] = [];
  const ask = async (request: IncomingMessage): Promise<number> => {
    const body = await text(request);
    if (statuses.length === 0) return 503;
    const headers = { "content-type": String(request.headers["content-type"]) };
    return (await fetch(gateway + request.url, { method: "POST", body, headers })).status;
  };
  const server = createServer((request, response) => {
    void ask(request).then((status) => {
      statuses.push(status);
      response.writeHead(status, { "content-length": 0 }).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    statuses: () => statuses,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}
