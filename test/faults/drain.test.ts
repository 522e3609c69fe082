import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { openFaultHarness } from "./fault-harness.ts";
import { openSqliteUnderTest } from "./store-under-test.ts";

const REQUEST = "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
const CONNECTIONS = 10;

/** Opens a connection and records its answer or its end. */
async function openConnection(port: number) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return {
    socket,
    async ask(): Promise<string> {
      const { promise, resolve } = Promise.withResolvers<string>();
      socket.once("data", (answer: Buffer) => resolve(answer.toString().slice(0, 12)));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once("close", () => resolve("closed"));
      socket.write(REQUEST);
      return promise;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Freezes the gateway until all requests and then the signal have been sent. */
async function askBeforeSigterm(kind: "kept" | "new"): Promise<readonly string[]> {
  await using fixture = await openFaultHarness({ seed: 1, openStore: openSqliteUnderTest });
  using connections = new DisposableStack();
  const open = async () => connections.use(await openConnection(fixture.port));
  const kept = kind === "kept" ? await Promise.all(Array.from({ length: CONNECTIONS }, open)) : [];
  for (const connection of kept) await connection.ask();
  fixture.gateway.freeze();
  const all = kind === "kept" ? kept : await Promise.all(Array.from({ length: CONNECTIONS }, open));
  const answers = all.map((connection) => connection.ask());
  const stopped = fixture.gateway.stop();
  fixture.gateway.thaw();
  await stopped;
  return Promise.all(answers);
}

const ANSWERED = Array.from({ length: CONNECTIONS }, () => "HTTP/1.1 200");

it("answers what had come in on kept connections before SIGTERM", async () => {
  expect(await askBeforeSigterm("kept")).toEqual(ANSWERED);
});

/**
 * Node accepts one new connection per turn of its event loop and closes the listener in the turn that reads the signal,
 * and the kernel resets the others. The gateway therefore continues to listen for a moment after SIGTERM.
 */
it("answers what had come in on new connections before SIGTERM", async () => {
  expect(await askBeforeSigterm("new")).toEqual(ANSWERED);
});
