import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { pollUntil } from "./poll-until.ts";
import { startTcpProxy } from "./tcp-proxy.ts";

const WAIT_MS = 3_000;

/** Opens a server behind a proxy that answers each byte with a byte, and clients of it. */
async function openLine() {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      received.push(chunk);
      socket.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startTcpProxy({ port: (server.address() as AddressInfo).port });

  return {
    proxy,
    sockets,
    received: () => Buffer.concat(received).toString(),
    call() {
      const socket = connect(proxy.port, "127.0.0.1");
      const heard: Buffer[] = [];
      const state = { error: undefined as string | undefined, closed: false };
      socket.on("data", (chunk) => heard.push(chunk));
      socket.on("error", (error: NodeJS.ErrnoException) => (state.error = error.code));
      socket.on("close", () => (state.closed = true));
      sockets.add(socket);
      return { socket, state, heard: () => Buffer.concat(heard).toString() };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await proxy[Symbol.asyncDispose]();
      server.close();
      await once(server, "close");
    },
  };
}

describe("startTcpProxy", () => {
  it("passes bytes and the end of a connection, both ways", async () => {
    await using line = await openLine();
    const client = line.call();

    client.socket.end("hello");

    await pollUntil("the end", WAIT_MS, () => client.state.closed);
    expect([line.received(), client.heard(), client.state.error]).toEqual(["hello", "hello", undefined]);
    await pollUntil("the link to go", WAIT_MS, () => line.proxy.connections === 0);
  });

  it("delays one direction and not the other", async () => {
    await using line = await openLine();
    const client = line.call();
    line.proxy.set("down", { kind: "delay", ms: 150 });
    const startedAt = performance.now();

    client.socket.write("a");

    await pollUntil("the request", WAIT_MS, () => line.received() === "a");
    const upMs = performance.now() - startedAt;
    await pollUntil("the reply", WAIT_MS, () => client.heard() === "a");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
    expect(client.state.closed).toBe(false);
    expect(upMs).toBeLessThan(performance.now() - startedAt);
  });

  it("throttles to so many bytes a second, and loses none", async () => {
    await using line = await openLine();
    const client = line.call();
    line.proxy.set("up", { kind: "throttle", bytesPerSecond: 20_000 });
    const startedAt = performance.now();

    client.socket.write("x".repeat(4_000));

    await pollUntil("the reply", WAIT_MS, () => client.heard().length === 4_000);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(150);
  });

  it("holds everything back in a black hole, new connections too, until the link is mended", async () => {
    await using line = await openLine();
    const old = line.call();
    old.socket.write("1");
    await pollUntil("the first reply", WAIT_MS, () => old.heard() === "1");

    line.proxy.set("both", { kind: "black-hole" });
    old.socket.write("2");
    const late = line.call();
    late.socket.write("3");
    await once(late.socket, "connect");
    const probe = line.sockets.size;
    await pollUntil("both to be held", WAIT_MS, () => line.proxy.connections === 2 && line.sockets.size >= probe);
    expect([line.received(), old.state.closed, late.state.closed]).toEqual(["1", false, false]);

    line.proxy.set("both", { kind: "pass" });
    await pollUntil("what was held", WAIT_MS, () => old.heard() === "12" && late.heard() === "3");
  });

  it("closes old and new connections when cut, and takes them again when mended", async () => {
    await using line = await openLine();
    const old = line.call();
    old.socket.write("1");
    await pollUntil("the reply", WAIT_MS, () => old.heard() === "1");

    line.proxy.set("both", { kind: "cut" });

    const late = line.call();
    await pollUntil("both to end", WAIT_MS, () => old.state.closed && late.state.closed);
    expect(old.state.error).toBeUndefined();
    line.proxy.set("both", { kind: "pass" });
    const next = line.call();
    next.socket.write("2");
    await pollUntil("the reply", WAIT_MS, () => next.heard() === "2");
  });

  it("resets connections so that the client sees it", async () => {
    await using line = await openLine();
    const client = line.call();
    client.socket.write("1");
    await pollUntil("the reply", WAIT_MS, () => client.heard() === "1");

    line.proxy.set("both", { kind: "reset" });

    await pollUntil("the reset", WAIT_MS, () => client.state.closed);
    expect(client.state.error).toBe("ECONNRESET");
  });

  it("cuts after exactly so many bytes", async () => {
    await using line = await openLine();
    const client = line.call();
    line.proxy.set("up", { kind: "cut-after", bytes: 3 });

    client.socket.write("abcdef");

    await pollUntil("the end", WAIT_MS, () => client.state.closed);
    await pollUntil("the bytes", WAIT_MS, () => line.received() === "abc");
    expect(client.heard()).toBe("");
  });

  it("lets the request through and cuts before its reply", async () => {
    await using line = await openLine();
    const client = line.call();
    line.proxy.set("down", { kind: "cut-before-reply" });

    client.socket.write("request");

    await pollUntil("the end", WAIT_MS, () => client.state.closed);
    expect([line.received(), client.heard()]).toEqual(["request", ""]);
  });
});
