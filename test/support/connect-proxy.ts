import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

export interface ConnectProxy extends AsyncDisposable {
  readonly port: number;
  /** `host:port` and login of each CONNECT. */
  readonly asked: readonly { readonly authority: string | undefined; readonly login: string | undefined }[];
  /** Closes every tunnel. */
  cutAll(): void;
}

export interface ConnectProxyOptions {
  /** Answers with this status, or not at all, instead of opening a tunnel. */
  readonly refuse?: number | "silent";
  /** `user:password` that the proxy requires; otherwise it answers 407. */
  readonly login?: string;
  /** Addresses to use instead of DNS. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Bytes to send directly after the head of the answer. */
  readonly chatter?: string;
}

/** Starts an HTTP proxy that supports only CONNECT. */
export async function startConnectProxy(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const { refuse, login, hosts = {}, chatter = "" } = options;
  const asked: { authority: string | undefined; login: string | undefined }[] = [];
  const sockets = new Set<Duplex>();
  const keep = <Socket extends Duplex>(socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    // Node's server lets a client close only its half of the connection.
    socket.once("end", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };

  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connection", keep);
  server.on("connect", ({ url = "", headers }: IncomingMessage, client: Duplex) => {
    const given = readLogin(headers["proxy-authorization"]);
    asked.push({ authority: url, login: given });
    if (refuse === "silent") return void client.resume();
    if (login !== undefined && given !== login) return void client.end(headOf(407));
    if (refuse !== undefined) return void client.end(headOf(refuse));
    const { hostname, port } = new URL(`tcp://${url}`);
    const host = hosts[hostname] ?? hostname.replaceAll(/[[\]]/g, "");
    const onward = keep(connect(Number(port), host, () => client.write(headOf(200) + chatter)));
    onward.pipe(client).pipe(onward);
    onward.once("close", () => client.destroy());
    client.once("close", () => onward.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    cutAll,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      cutAll();
      await closed;
    },
  };
}

function headOf(status: number): string {
  const fields = status === 407 ? 'Proxy-Authenticate: Basic realm="proxy"\r\n' : "";
  return `HTTP/1.1 ${status} Whatever\r\n${fields}\r\n`;
}

function readLogin(header = ""): string | undefined {
  const [, encoded] = /^Basic (.+)$/.exec(header) ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString();
}
