import { once } from "node:events";
import {
  connect,
  type ClientHttp2Session,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";

export interface ClientAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface Http2Client extends AsyncDisposable {
  readonly session: ClientHttp2Session;
  /** Rejects with Node's error if the stream ends without an answer. */
  post(path: string, headers: OutgoingHttpHeaders, body?: string): Promise<ClientAnswer>;
}

/** Opens a client without automatic behaviour. Resolves when the server's settings have arrived. */
export async function openHttp2Client(origin: string, options: SecureClientSessionOptions): Promise<Http2Client> {
  const session = connect(origin, options);
  session.on("error", () => {});
  await once(session, "remoteSettings");
  return {
    session,
    post: (path, headers, body = "") => post(session, { ":method": "POST", ":path": path, ...headers }, body),
    async [Symbol.asyncDispose]() {
      if (session.destroyed) return;
      const closed = once(session, "close");
      session.destroy();
      await closed;
    },
  };
}

function post(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body: string): Promise<ClientAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientAnswer>();
  const stream = session.request(headers);
  const chunks: Buffer[] = [];
  let response: Record<string, unknown> | undefined;
  stream.on("response", (head) => (response = { ...head }));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", reject);
  stream.on("close", () => {
    if (response === undefined) return reject(new Error(`stream closed without an answer, code ${stream.rstCode}`));
    resolve({ status: Number(response[":status"]), headers: response, body: Buffer.concat(chunks).toString("utf8") });
  });
  stream.end(body);
  return promise;
}

/**
 * Returns the error of a rejected promise. Call it at once, so that the rejection is handled while the test continues.
 */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    const value = await promise;
    return { unexpectedly: value };
  } catch (error) {
    return error;
  }
}
