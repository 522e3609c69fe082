import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly path: string;
  readonly fields: URLSearchParams;
}

export interface Recorder extends AsyncDisposable {
  readonly url: string;
  /** The requests so far, in order. */
  readonly asked: readonly Asked[];
  /** Takes requests from now on and answers none, as a gateway does that stands still. */
  hang(): void;
}

/** Stands before the gateway, and keeps the forms that go by. */
export async function startRecorder(gateway: string): Promise<Recorder> {
  const asked: Asked[] = [];
  let isHanging = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "GET", url = "/", headers } = request;
      const body = Buffer.concat(chunks).toString("utf8");
      asked.push({ path: url, fields: new URLSearchParams(body) });
      if (isHanging) return;
      const prefer = headers["prefer"];
      const forwarded = {
        "content-type": String(headers["content-type"]),
        ...(prefer === undefined ? {} : { prefer: String(prefer) }),
      };
      fetch(gateway + url, { method, body, headers: forwarded })
        .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
        .catch(() => response.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    hang: () => {
      isHanging = true;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
