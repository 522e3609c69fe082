import type { Worker } from "node:cluster";

/**
 * Closes connections that node:cluster loses. It accepts connections in the primary and hands them to a worker. If that
 * worker dies meanwhile, node:cluster forgets the connection, nobody would ever close it, and its client would wait.
 * Closing it lets the client try again.
 *
 * This watches Node's own messages between the two, which Node does not document; `test/cluster/processes.test.ts` fails if
 * they change.
 */
export function closeLostConnections(worker: Worker): void {
  const onTheWay = new Map<unknown, Closable>();
  const child = worker.process;
  const send = child.send.bind(child);
  child.send = function sendAndNote(...args: readonly unknown[]): boolean {
    const [message, handle] = args;
    if (readField(message, "act") === "newconn" && isClosable(handle)) onTheWay.set(readField(message, "seq"), handle);
    return Reflect.apply(send, undefined, args);
  };
  child.on("internalMessage", (message: unknown) => onTheWay.delete(readField(message, "ack")));
  worker.once("exit", () => {
    for (const handle of onTheWay.values()) handle.close();
  });
}

interface Closable {
  close(): void;
}

function isClosable(handle: unknown): handle is Closable {
  return typeof readField(handle, "close") === "function";
}

function readField(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
