import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A proxy between a store and its Redis that can lose traffic. */
export interface RedisProxy extends AsyncDisposable {
  readonly url: string;
  /** Returns how often the store has sent data since the last call. */
  countSent(): number;
  /** The next request that contains the text is executed, but its connection ends before the answer. */
  cutReplyTo(text: string): void;
  /** After this many answered requests, the next one is executed and its connection ends. Undefined cancels that. */
  cutReplyAfter(requests: number | undefined): void;
  /** Drops all data in both directions without notice. */
  swallow(on: boolean): void;
}

interface Link {
  readonly store: Socket;
  readonly redis: Socket;
}

export async function startRedisProxy(port: number): Promise<RedisProxy> {
  const links = new Set<Link>();
  let sent = 0;
  let cutAt: string | undefined;
  let answersLeft: number | undefined;
  let isSwallowing = false;

  const server = createServer((store) => {
    const link = { store, redis: connect(port, "127.0.0.1") };
    let isCut = false;
    links.add(link);
    const end = () => {
      links.delete(link);
      store.destroy();
      link.redis.destroy();
    };
    store.on("data", (chunk: Buffer) => {
      if (isSwallowing) return;
      sent += 1;
      if (cutAt !== undefined && chunk.includes(cutAt)) {
        cutAt = undefined;
        isCut = true;
      }
      if (answersLeft !== undefined && answersLeft-- === 0) isCut = true;
      link.redis.write(chunk);
    });
    // An answer means that Redis has executed the command.
    link.redis.on("data", (chunk: Buffer) => {
      if (isSwallowing) return;
      if (isCut) end();
      else store.write(chunk);
    });
    for (const socket of [store, link.redis]) socket.on("close", end).on("error", end);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port");

  return {
    url: `redis://127.0.0.1:${address.port}`,
    countSent() {
      const count = sent;
      sent = 0;
      return count;
    },
    cutReplyTo(text) {
      cutAt = text;
    },
    cutReplyAfter(requests) {
      answersLeft = requests;
    },
    swallow(on) {
      isSwallowing = on;
    },
    async [Symbol.asyncDispose]() {
      for (const { store, redis } of links) {
        store.destroy();
        redis.destroy();
      }
      server.close();
      await once(server, "close");
    },
  };
}
