import { expect, it } from "vitest";
import { aRequest, echo, eventually, never, requestsOf } from "../../../test/fixtures/channel-fixture.ts";
import { startFramedServer, type FramedServer } from "../../../test/fixtures/framed-server.ts";
import type { ConnectionOptions } from "./connection.ts";
import { openConnection } from "./open-connection.ts";

const CANCEL = 8;

function open({ origin, ca }: FramedServer, changes: Partial<ConnectionOptions> = {}, stop = never) {
  const pings = { pingAfterMs: 60_000, pongTimeoutMs: 100, maxPings: Infinity };
  const options = { maxStreams: 100, isPrimed: false, ...pings, onChange: () => {}, onClosed: () => {} };
  return openConnection({ origin, tls: { ca }, connectTimeoutMs: 5_000, ...options, ...changes }, stop);
}

it("takes no more requests than there are stream ids, and closes when they are answered", async () => {
  await using server = await startFramedServer();
  const connection = await open(server, { maxRequests: 2 });
  const answers = [connection.send(aRequest("one"), never), connection.send(aRequest("two"), never)];

  expect(connection.hasRoom(true)).toBe(false);

  for (const request of await requestsOf(server, 2)) echo(request);
  await expect(Promise.all(answers)).resolves.toMatchObject([{ body: "echo one" }, { body: "echo two" }]);
  await eventually(() => expect(connection.closed).toBe(true));
  expect(server.connections[0]?.saidGoodbye).toBe(true);
});

it("says of a request that came too late that it was not processed", async () => {
  await using server = await startFramedServer({ onRequest: echo });
  const connection = await open(server);
  await connection.close();

  await expect(connection.send(aRequest(), never)).rejects.toMatchObject({ name: "NotProcessedError" });
});

it("is never ready if it is stopped, or the peer says goodbye, before its SETTINGS", async () => {
  await using server = await startFramedServer({ streams: "later" });
  const stop = new AbortController();
  const ends = Promise.allSettled([open(server, {}, stop.signal), open(server)]);
  await eventually(() => expect(server.connections).toHaveLength(2));

  stop.abort(new Error("stopped"));
  for (const connection of server.connections) connection.end();

  for (const end of await ends) expect(end).toMatchObject({ reason: { name: "ConnectError" } });
  await eventually(() => expect(server.open).toHaveLength(0));
});

it("lets nobody wait for a peer that neither answers nor closes when requests were to end", async () => {
  await using server = await startFramedServer({
    onRequest: ({ connection, streamId }) => connection.beginAnswer(streamId, "and then"),
  });
  const connection = await open(server);
  const answer = connection.send(aRequest(), never);
  await requestsOf(server, 1);

  const closed = connection.close();

  await expect(answer).rejects.toMatchObject({ name: "AnswerLostError" });
  await closed;
  expect(connection.closed).toBe(true);
});

it("has room for calls where messages have filled it", async () => {
  await using server = await startFramedServer({ streams: 10 });
  const connection = await open(server);
  const signal = AbortSignal.timeout(200);
  const answers = Array.from({ length: 9 }, (_, number) => connection.send(aRequest(String(number)), signal));

  const room = [connection.hasRoom(false), connection.hasRoom(true)];

  expect(room).toEqual([false, true]);
  await Promise.allSettled(answers);
  await eventually(() => expect(server.requests.every(({ resetCode }) => resetCode === CANCEL)).toBe(true));
  await connection.close();
});
