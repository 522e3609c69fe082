import { readConnectReason } from "./connect-reason.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { dial, type Destination } from "./dial.ts";
import { ConnectError } from "./errors.ts";

export interface OpenOptions extends ConnectionOptions, Omit<Destination, "protocol"> {
  /** Time limit for everything: name, TCP, proxy, TLS, and the peer's SETTINGS. */
  readonly connectTimeoutMs: number;
}

/** Opens a connection that takes requests. Rejects with ConnectError. */
export async function openConnection(options: OpenOptions, stop: AbortSignal): Promise<Connection> {
  const { origin, connectTimeoutMs } = options;
  const late = new AbortController();
  const timer = setTimeout(
    () =>
      late.abort(
        new ConnectError("connect_timeout", `no HTTP/2 connection to ${origin} within ${connectTimeoutMs} ms`),
      ),
    connectTimeoutMs,
  );
  const signal = AbortSignal.any([stop, late.signal]);
  try {
    const socket = await dial({ ...options, protocol: "h2" }, signal);
    const connection = new Connection(origin, socket, options);
    const cut = (): void => connection.cut(signal.reason);
    signal.addEventListener("abort", cut, { once: true });
    await connection.ready;
    signal.removeEventListener("abort", cut);
    return connection;
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    throw new ConnectError(readConnectReason(error), `no connection to ${origin}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
