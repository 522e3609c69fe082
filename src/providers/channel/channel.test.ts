import { once } from "node:events";
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import {
  aRequest,
  echo,
  eventually,
  never,
  numbered,
  openChannel,
  requestsOf,
  sendAll,
} from "../../../test/fixtures/channel-fixture.ts";
import { startFramedServer, type FramedServer } from "../../../test/fixtures/framed-server.ts";
import { createSimulatorPki } from "../../simulator/certificates.ts";
import { Channel } from "./channel.ts";
import { AnswerLostError, NotProcessedError } from "./errors.ts";

const REFUSED_STREAM = 7;
const INTERNAL_ERROR = 2;

const bodiesOf = (server: FramedServer) => server.requests.map(({ body }) => body);

it("answers with status and body", async () => {
  await using server = await startFramedServer({ onRequest: echo });
  await using channel = openChannel(server);

  await expect(channel.request(aRequest(), never)).resolves.toMatchObject({ status: 200, body: "echo hello" });
});

it("keeps one connection for requests that follow each other", async () => {
  await using server = await startFramedServer({ onRequest: echo });
  await using channel = openChannel(server);

  for (const body of numbered(5)) await channel.request(aRequest(body), never);

  expect(server.connections).toHaveLength(1);
});

it("sends nothing before the peer's SETTINGS have come", async () => {
  await using server = await startFramedServer({ streams: "later", onRequest: echo });
  await using channel = openChannel(server);
  const answer = channel.request(aRequest(), never);
  const [connection] = await eventually(() => {
    expect(server.connections).toHaveLength(1);
    return server.connections;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.requests).toHaveLength(0);

  connection?.announceStreams(1);

  await expect(answer).resolves.toMatchObject({ status: 200 });
});

it("never sends more at a time than the peer allows", async () => {
  let underWay = 0;
  let most = 0;
  await using server = await startFramedServer({
    streams: 1,
    onRequest({ connection, streamId }) {
      underWay += 1;
      most = Math.max(most, underWay);
      setImmediate(() => {
        underWay -= 1;
        connection.answer(streamId);
      });
    },
  });
  await using channel = openChannel(server, { maxConnections: 1 });

  const answers = await Promise.all(sendAll(channel, numbered(20)));

  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(most).toBe(1);
  expect(bodiesOf(server)).toEqual(numbered(20));
});

it("uses the streams that the peer allows later", async () => {
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { maxConnections: 1 });
  const answers = Promise.all(sendAll(channel, numbered(20)));
  const [first] = await requestsOf(server, 1);

  first!.connection.announceStreams(50);

  await eventually(() => expect(server.requests).toHaveLength(20));
  for (const request of server.requests) echo(request);
  await expect(answers).resolves.toHaveLength(20);
});

it("holds further requests back when the peer lowers what it allows", async () => {
  await using server = await startFramedServer({ streams: 3 });
  await using channel = openChannel(server, { maxConnections: 1 });
  const early = sendAll(channel, numbered(3));
  await eventually(() => expect(server.requests).toHaveLength(3));
  const [first, second, third] = server.requests;
  first?.connection.announceStreams(1);
  echo(first!);
  await early[0];
  const late = channel.request(aRequest("late"), never);
  echo(second!);
  await early[1];
  expect(bodiesOf(server)).not.toContain("late");

  echo(third!);

  await eventually(() => expect(bodiesOf(server)).toContain("late"));
  echo(server.requests.at(-1)!);
  await expect(late).resolves.toMatchObject({ body: "echo late" });
});

it("opens further connections while all are full, up to its limit", async () => {
  await using server = await startFramedServer({ streams: 2 });
  await using channel = openChannel(server, { maxConnections: 3 });

  const answers = sendAll(channel, numbered(10));

  await eventually(() => expect(server.requests).toHaveLength(6));
  expect(server.connections).toHaveLength(3);
  for (const index of answers.keys()) {
    await eventually(() => expect(server.requests.length).toBeGreaterThan(index));
    echo(server.requests[index]!);
  }
  await Promise.all(answers);
  expect(server.connections).toHaveLength(3);
});

it("repeats a refused request at once", async () => {
  let refusals = 2;
  await using server = await startFramedServer({
    onRequest(request) {
      if (refusals === 0) return echo(request);
      refusals -= 1;
      request.connection.reset(request.streamId, REFUSED_STREAM);
    },
  });
  await using channel = openChannel(server);

  await expect(channel.request(aRequest(), never)).resolves.toMatchObject({ body: "echo hello" });

  expect(bodiesOf(server)).toEqual(["hello", "hello", "hello"]);
});

it("does not repeat a refused request for ever", async () => {
  await using server = await startFramedServer({
    onRequest: ({ connection, streamId }) => connection.reset(streamId, REFUSED_STREAM),
  });
  await using channel = openChannel(server);

  await expect(channel.request(aRequest(), never)).rejects.toBeInstanceOf(NotProcessedError);

  expect(server.requests).toHaveLength(4);
});

it("does not repeat a request that was reset for another reason: it may have been processed", async () => {
  await using server = await startFramedServer({
    onRequest: ({ connection, streamId }) => connection.reset(streamId, INTERNAL_ERROR),
  });
  await using channel = openChannel(server);

  await expect(channel.request(aRequest(), never)).rejects.toBeInstanceOf(AnswerLostError);

  expect(server.requests).toHaveLength(1);
});

it("does not take the beginning of an answer for the answer", async () => {
  await using server = await startFramedServer({
    onRequest({ connection, streamId }) {
      connection.beginAnswer(streamId, '{"reason":"Unreg');
      connection.reset(streamId, 8);
    },
  });
  await using channel = openChannel(server);

  await expect(channel.request(aRequest(), never)).rejects.toBeInstanceOf(AnswerLostError);
});

it("tells everybody who waits at once that nobody answers, and tries again after a pause", async () => {
  const { port, origin, ca } = await reserveAddress();
  await using channel = openChannel({ origin, ca });

  const answers = await Promise.allSettled(sendAll(channel, numbered(50)));

  expect(answers.every(({ status }) => status === "rejected")).toBe(true);
  for (const answer of answers) expect(answer).toMatchObject({ reason: { name: "NotProcessedError" } });
  await using server = await startFramedServer({ port, onRequest: echo });
  await expect(channel.request(aRequest("again"), never)).resolves.toMatchObject({ body: "echo again" });
  expect(bodiesOf(server)).toEqual(["again"]);
});

it("tries to connect once, not once for each request, while nobody answers", async () => {
  let attempts = 0;
  await using tcp = createServer((socket) => {
    attempts += 1;
    socket.resetAndDestroy();
  });
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  await using channel = openChannel({ origin: `https://127.0.0.1:${port}`, ca: createSimulatorPki().ca });

  await Promise.allSettled(sendAll(channel, numbered(50)));

  expect(attempts).toBe(1);
});

it("sends nothing to a server whose certificate it does not trust", async () => {
  await using server = await startFramedServer({ onRequest: echo });
  await using channel = openChannel({ origin: server.origin, ca: createSimulatorPki().ca });

  await expect(channel.request(aRequest(), never)).rejects.toMatchObject({
    name: "NotProcessedError",
    reason: "tls_untrusted",
  });

  expect(server.requests).toHaveLength(0);
});

it("says so if its own key cannot be read, and does not fall over", async () => {
  await using server = await startFramedServer({ onRequest: echo });
  await using channel = new Channel({ origin: server.origin, tls: { ca: server.ca, cert: "junk", key: "junk" } });

  await expect(channel.request(aRequest(), never)).rejects.toBeInstanceOf(NotProcessedError);
});

it("gives up a connection that speaks TLS but never HTTP/2", async () => {
  await using server = await startFramedServer({ streams: "later" });
  await using channel = openChannel(server, { connectTimeoutMs: 100 });

  await expect(channel.request(aRequest(), never)).rejects.toBeInstanceOf(NotProcessedError);

  await eventually(() => expect(server.open).toHaveLength(0));
});

it.each<["later" | number, string]>([
  ["later", "connect_timeout"],
  [0, "no_room"],
])("says what a request waited for in vain where the peer allows streams: %s", async (streams, reason) => {
  await using server = await startFramedServer({ streams });
  await using channel = openChannel(server, { maxConnections: 1 });

  const waiting = channel.request(aRequest(), AbortSignal.timeout(300));

  await expect(waiting).rejects.toMatchObject({ name: "NotProcessedError", reason });
  expect(server.requests).toHaveLength(0);
});

it("says what the last attempt to connect failed of to who came after it and waited in vain", async () => {
  const { origin, ca } = await reserveAddress();
  await using channel = openChannel({ origin, ca });
  for (let attempt = 0; attempt < 3; attempt += 1) await Promise.allSettled(sendAll(channel, ["first"]));

  const waiting = channel.request(aRequest(), AbortSignal.timeout(50));

  await expect(waiting).rejects.toMatchObject({ reason: "connection_refused" });
});

it("cuts an answer that is too long, and does not wait for its end", async () => {
  const pki = createSimulatorPki();
  const { certificate: cert, key } = pki.issueServerCertificate({ names: ["127.0.0.1"] });
  const server = createSecureServer({ cert, key }, () => {});
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 500 });
    stream.write("é".repeat(100_000));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const channel = openChannel({ origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: pki.ca });

  const { status, body } = await channel.request(aRequest(), never);

  expect(status).toBe(500);
  expect(body).toBe("é".repeat(64 * 1024));
  await channel[Symbol.asyncDispose]();
  server.close();
});

/** An address without a listener so far. */
async function reserveAddress(): Promise<{ port: number; origin: string; ca: string }> {
  await using server = await startFramedServer();
  const { port, origin, ca } = server;
  return { port, origin, ca };
}
