import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import type { Answer } from "./ledgers.ts";

const TIMEOUT_MS = 10_000;
const MAX_GETS = 40;
const GET_PAUSE_MS = 250;

export interface PushClient extends Disposable {
  /**
   * Sends JSON once, over a kept connection if there is one. Never rejects, never repeats. `waitSeconds`: how long the
   * answer may be held.
   */
  post(body: object, waitSeconds?: number): Promise<Answer>;
  put(path: string, body: object): Promise<number>;
  /**
   * Returns the text of a 200, or undefined for a 404. Repeats after a 503, which only says "not now"; rejects
   * otherwise.
   */
  get(path: string): Promise<string | undefined>;
}

export interface PushClientOptions {
  readonly port: number;
  readonly connections: number;
  /** How long it waits for an answer. */
  readonly timeoutMs?: number;
}

interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Creates a client of the gateway's HTTP API with keep-alive connections, like an application server's. */
export function createPushClient({ port, connections, timeoutMs = TIMEOUT_MS }: PushClientOptions): PushClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  function send(method: string, path: string, body?: object, waitSeconds?: number): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
    const wishes = waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` };
    const outgoing = request({
      host: "127.0.0.1",
      port,
      agent,
      method,
      path,
      headers: { ...headers, ...wishes },
      timeout: timeoutMs,
    });
    outgoing.on("response", (response) => {
      let received = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (received += chunk));
      const status = response.statusCode ?? 0;
      const retryAfter = response.headers["retry-after"];
      response.on("end", () => resolve({ status, retryAfter, text: received }));
      response.on("error", reject);
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    outgoing.on("error", (cause) => reject(new Unanswered(cause, outgoing.reusedSocket)));
    outgoing.end(text);
    return promise;
  }

  return {
    async post(body, waitSeconds) {
      try {
        const { status, retryAfter, text } = await send("POST", "/v1/pushes", body, waitSeconds);
        const { id, code } = JSON.parse(text) as { readonly id?: string; readonly code?: string };
        const said = {
          ...(id === undefined ? {} : { id }),
          ...(code === undefined ? {} : { code }),
          ...(retryAfter === undefined ? {} : { retryAfterSeconds: Number(retryAfter) }),
        };
        return { kind: "answered", at: Date.now(), status, ...said };
      } catch (error) {
        const reason = error instanceof Unanswered ? error.reason : String(error);
        const kind = reason === "ECONNREFUSED" ? "not-sent" : "no-answer";
        return { kind, at: Date.now(), reason, isKept: error instanceof Unanswered && error.isKept };
      }
    },
    put: async (path, body) => (await send("PUT", path, body)).status,
    async get(path) {
      for (let tries = 1; ; tries += 1) {
        const { status, text } = await send("GET", path);
        if (status === 200) return text;
        if (status === 404) return undefined;
        if (status !== 503 || tries === MAX_GETS) throw new Error(`GET ${path} was answered with ${status}: ${text}`);
        await pause(GET_PAUSE_MS);
      }
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** A connection ended before the answer to its request. */
class Unanswered extends Error {
  override readonly name = "Unanswered";
  readonly reason: string;
  /** True if the connection had carried requests before. */
  readonly isKept: boolean;

  constructor(cause: Error, isKept: boolean) {
    super("no answer", { cause });
    this.reason = "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
    this.isKept = isKept;
  }
}
