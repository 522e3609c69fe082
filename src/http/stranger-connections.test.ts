import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSimulatorPki } from "../simulator/certificates.ts";
import { createNodeServer } from "./node-server.ts";
import { createExemption, limitStrangers } from "./stranger-connections.ts";

let server: Server | undefined;
let port: number;
let accepted: Socket[];
let sockets: Socket[];
let refused: string[];

/** A server for strangers of this machine; a request to /key shows a key. */
async function start(most: number, tls?: { certificate: string; key: string }): Promise<void> {
  const started = createNodeServer(tls);
  server = started;
  started.on("connection", (socket: Socket) => void accepted.push(socket));
  const strangers = limitStrangers(started, {
    most,
    isExempt: () => false,
    onRefused: (address) => void refused.push(address),
  });
  started.on("request", (incoming: IncomingMessage, response: ServerResponse) => {
    if (incoming.url === "/key") strangers.admit(incoming);
    response.end("answered");
  });
  started.listen(0, "127.0.0.1");
  await once(started, "listening");
  ({ port } = started.address() as AddressInfo);
}

beforeEach(() => {
  sockets = [];
  accepted = [];
  refused = [];
});
afterEach(async () => {
  for (const socket of [...sockets, ...accepted]) socket.destroy();
  if (server === undefined) return;
  const closed = once(server, "close");
  server.close();
  await closed;
  server = undefined;
});

async function open(): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** Sends a request and returns the answer; undefined if the connection was closed instead. */
async function ask(socket: Socket, path = "/"): Promise<string | undefined> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [chunk] = await Promise.race([once(socket, "data"), once(socket, "close").then(() => [undefined])]);
  return chunk === undefined ? undefined : String(chunk);
}

it("closes connections beyond the limit, and says whose", async () => {
  await start(2);
  const first = await open();
  const second = await open();

  const third = await open();

  expect(await ask(third)).toBeUndefined();
  expect(await ask(first)).toContain("200 OK");
  expect(await ask(second)).toContain("200 OK");
  expect(refused).toEqual(["127.0.0.1"]);
});

it("counts a connection until it is closed", async () => {
  await start(1);
  const first = await open();
  expect(await ask(first)).toContain("200 OK");
  first.destroy();

  const answers: (string | undefined)[] = [];
  while (!answers.some((answer) => answer?.includes("200 OK"))) answers.push(await ask(await open()));

  expect(answers.at(-1)).toContain("200 OK");
});

it("does not count a connection any more that has shown a key", async () => {
  await start(1);
  const known = await open();
  expect(await ask(known, "/key")).toContain("200 OK");

  const other = await open();

  expect(await ask(other)).toContain("200 OK");
  expect(await ask(known)).toContain("200 OK");
  expect(refused).toEqual([]);
});

it("gives a connection without a key a short time between requests, and others the usual one", async () => {
  await start(5);
  const timeouts: number[] = [];
  server?.on("connection", (socket: Socket) => {
    const setTimeout = socket.setTimeout.bind(socket);
    socket.setTimeout = (ms: number, ...rest: []) => {
      timeouts.push(ms);
      return setTimeout(ms, ...rest);
    };
  });

  expect(await ask(await open())).toContain("200 OK");
  const stranger = timeouts.at(-1);
  expect(await ask(await open(), "/key")).toContain("200 OK");

  expect(stranger).toBe(5_000);
  // Node adds a buffer of a second to its keep-alive timeout.
  expect(timeouts.at(-1)).toBeGreaterThanOrEqual(75_000);
});

it("counts sessions of HTTP/2 alike, until a request shows a key", async () => {
  const pki = createSimulatorPki();
  await start(1, pki.issueServerCertificate({ names: ["127.0.0.1"] }));
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: pki.ca });
  const get = async (path: string) => {
    const stream = session.request({ ":path": path });
    const [headers] = (await once(stream, "response")) as [{ ":status"?: number }];
    stream.resume();
    return headers[":status"];
  };

  expect(await get("/")).toBe(200);
  await once(await open(), "close");
  expect(await get("/key")).toBe(200);
  await open();
  expect(await get("/")).toBe(200);

  session.destroy();
  expect(refused).toEqual(["127.0.0.1"]);
});

it("exempts loopback and trusted proxies, in whatever form their addresses come", () => {
  const isExempt = createExemption(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]);

  const exempt = ["127.0.0.1", "::1", "::ffff:127.0.0.9", "10.1.2.3", "::ffff:10.1.2.3", "192.0.2.7", "2001:db8:1::1"];
  expect(exempt.map(isExempt)).toEqual(exempt.map(() => true));
  const others = ["192.0.2.8", "2001:db9::1", "11.0.0.1"];
  expect(others.map(isExempt)).toEqual(others.map(() => false));
});
