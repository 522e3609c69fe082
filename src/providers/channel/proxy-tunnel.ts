import { request } from "node:http";
import type { Socket } from "node:net";
import { ConnectError } from "./errors.ts";

/** An HTTP proxy that opens tunnels to other hosts. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  readonly login?: { readonly user: string; readonly password: string };
}

/**
 * Asks the proxy at the other end of `socket` for a tunnel to `authority` (host:port). Bytes written after that arrive
 * there.
 */
export async function openTunnel(socket: Socket, authority: string, proxy: Proxy, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { host: authority, ...buildLogin(proxy) };
  const asking = request({
    method: "CONNECT",
    path: authority,
    headers,
    createConnection: () => socket,
    signal,
  });
  asking.on("error", reject);
  // Node emits this event for any answer to a CONNECT.
  asking.on("connect", ({ statusCode = 0 }, _socket, head) => {
    const refusal = readRefusal(statusCode, head, proxy);
    if (refusal === undefined) resolve();
    else reject(refusal);
  });
  asking.end();
  try {
    await promise;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  }
}

function buildLogin({ login }: Proxy): { "proxy-authorization"?: string } {
  if (login === undefined) return {};
  const pair = Buffer.from(`${login.user}:${login.password}`).toString("base64");
  return { "proxy-authorization": `Basic ${pair}` };
}

function readRefusal(status: number, head: Buffer, { host, port }: Proxy): ConnectError | undefined {
  const where = `the proxy ${host}:${port}`;
  if (status === 407) return new ConnectError("proxy_login_refused", `${where} wants another login: HTTP 407`);
  if (status < 200 || status > 299) return new ConnectError("proxy_refused", `${where} refused: HTTP ${status}`);
  // The client speaks first in TLS, so bytes that arrive earlier are the proxy's own, and would be lost.
  return head.length > 0 ? new ConnectError("proxy_refused", `${where} spoke in the provider's place`) : undefined;
}
