import { getEventListeners } from "node:events";
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
import { startFramedServer } from "../../../test/fixtures/framed-server.ts";
import { AnswerLostError, NotProcessedError } from "./errors.ts";

const CANCEL = 8;
const INTERNAL_ERROR = 2;
it("ends what a GOAWAY covers on the old connection, and repeats the rest on a new one: nothing twice", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server);
  const answers = Promise.all(sendAll(channel, numbered(6)));
  const [, , third] = await requestsOf(server, 6);
  const old = third!.connection;

  old.goAway(third!.streamId);

  await eventually(() => expect(server.connections[1]?.requests).toHaveLength(3));
  for (const request of server.requests) echo(request);
  await expect(answers).resolves.toHaveLength(6);
  expect(server.connections[1]?.requests.map(({ body }) => body).toSorted()).toEqual(numbered(6).slice(3));
  await eventually(() => expect(old.closed).toBe(true));
});

it("waits for the second GOAWAY of a server that says goodbye in two steps", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server);
  const answers = Promise.all(sendAll(channel, numbered(4)));
  const [first, second] = await requestsOf(server, 4);
  first!.connection.goAway(2 ** 31 - 1);
  await eventually(() => expect(first!.connection.saidGoodbye).toBe(true));
  const late = channel.request(aRequest("late"), never);
  await eventually(() => expect(server.connections[1]?.requests).toHaveLength(1));

  first!.connection.goAway(second!.streamId);

  await eventually(() => expect(server.connections[1]?.requests).toHaveLength(3));
  for (const request of server.requests) echo(request);
  await expect(Promise.all([answers, late])).resolves.toHaveLength(2);
});

it("repeats after a GOAWAY with an error only what is above its last stream: the rest may have been processed", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server);
  const answers = Promise.allSettled(sendAll(channel, numbered(4)));
  const [, second] = await requestsOf(server, 4);

  second!.connection.goAway(second!.streamId, INTERNAL_ERROR);

  for (const request of (await requestsOf(server, 6)).slice(4)) echo(request);
  const settled = await answers;
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled", "fulfilled"]);
  expect(settled[0]).toMatchObject({ reason: { name: "AnswerLostError" } });
});

it("paces its reconnects to a server that ends every connection without an answer", async () => {
  await using server = await startFramedServer({ onRequest: ({ connection }) => connection.goAway(0) });
  await using channel = openChannel(server);
  const enough = AbortSignal.timeout(500);
  const outcomes = new Set<unknown>();

  while (!enough.aborted) {
    const [outcome] = await Promise.allSettled([channel.request(aRequest(), enough)]);
    outcomes.add(outcome?.status === "rejected" ? outcome.reason.name : outcome?.value);
  }

  expect(outcomes).toEqual(new Set(["NotProcessedError"]));
  expect(server.connections).toHaveLength(3);
});

it("does not know what became of requests under way when the connection is reset", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server);
  const answers = Promise.allSettled(sendAll(channel, numbered(3)));
  const [first] = await requestsOf(server, 3);

  first!.connection.drop();

  for (const answer of await answers) expect(answer).toMatchObject({ reason: { name: "AnswerLostError" } });
  expect(server.requests).toHaveLength(3);
});

it("does not take the beginning of an answer for the answer when the connection ends", async () => {
  await using server = await startFramedServer({
    onRequest({ connection, streamId }) {
      connection.beginAnswer(streamId, '{"reason":"Unreg');
      setImmediate(() => connection.end());
    },
  });
  await using channel = openChannel(server);

  await expect(channel.request(aRequest(), never)).rejects.toBeInstanceOf(AnswerLostError);
});

it("opens a new connection after the server has closed an idle one", async () => {
  await using server = await startFramedServer({ onRequest: echo });
  await using channel = openChannel(server);
  await channel.request(aRequest("first"), never);
  server.connections[0]?.end();
  await eventually(() => expect(server.open).toHaveLength(0));

  await expect(channel.request(aRequest("second"), never)).resolves.toMatchObject({ body: "echo second" });

  expect(server.connections).toHaveLength(2);
});

it("lets a request under way be given up, and has its stream free again", async () => {
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { maxConnections: 1 });
  const giveUp = new AbortController();
  const lost = channel.request(aRequest("lost"), giveUp.signal);
  const next = channel.request(aRequest("next"), never);
  const [first] = await requestsOf(server, 1);

  giveUp.abort();

  await expect(lost).rejects.toBeInstanceOf(AnswerLostError);
  const [, second] = await requestsOf(server, 2);
  expect(first!.resetCode).toBe(CANCEL);
  echo(second!);
  await expect(next).resolves.toMatchObject({ body: "echo next" });
});

it("lets a request be given up that waits for room, and never sends it", async () => {
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { maxConnections: 1 });
  const giveUp = new AbortController();
  const first = channel.request(aRequest("first"), never);
  const waiting = channel.request(aRequest("waiting"), giveUp.signal);
  const [request] = await requestsOf(server, 1);

  giveUp.abort();

  await expect(waiting).rejects.toBeInstanceOf(NotProcessedError);
  echo(request!);
  await first;
  const last = channel.request(aRequest("last"), never);
  const [, second] = await requestsOf(server, 2);
  echo(second!);
  await expect(last).resolves.toMatchObject({ body: "echo last" });
});

it("does not send a request that was given up before", async () => {
  await using server = await startFramedServer({ onRequest: echo });
  await using channel = openChannel(server);

  await expect(channel.request(aRequest(), AbortSignal.abort())).rejects.toBeInstanceOf(NotProcessedError);

  expect(server.connections).toHaveLength(0);
});

it("leaves no listener behind on a signal that many requests share", async () => {
  let count = 0;
  await using server = await startFramedServer({
    streams: 2,
    onRequest(request) {
      count += 1;
      if (count % 3 === 0) request.connection.reset(request.streamId, INTERNAL_ERROR);
      else echo(request);
    },
  });
  await using channel = openChannel(server);
  const { signal } = new AbortController();

  await Promise.allSettled(sendAll(channel, numbered(30), signal));

  await eventually(() => expect(getEventListeners(signal, "abort")).toHaveLength(0));
});

it("gives up ten thousand waiting requests at once, in whatever order", async () => {
  await using server = await startFramedServer({ streams: 0 });
  await using channel = openChannel(server, { maxConnections: 1 });
  const signals = numbered(10_000).map(() => new AbortController());
  const answers = Promise.allSettled(signals.map(({ signal }) => channel.request(aRequest(), signal)));
  await expect(channel.request(aRequest("one too many"), never)).rejects.toThrow(/too many/);
  await eventually(() => expect(server.connections).toHaveLength(1));

  for (const controller of signals.toReversed()) controller.abort();

  expect((await answers).every(({ status }) => status === "rejected")).toBe(true);
});
