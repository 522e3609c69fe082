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
import { startFramedServer, type FramedConnection } from "../../../test/fixtures/framed-server.ts";

const REFUSED_STREAM = 7;

it("sends one request alone over a new connection, and the others when it is answered: none is refused", async () => {
  const refused: string[] = [];
  const proven = new Set<FramedConnection>();
  await using server = await startFramedServer({
    // Announces a thousand streams at once, and punishes a client that uses them.
    streams: 1_000,
    onRequest(request) {
      const { connection, streamId, body } = request;
      if (connection.requests.length > 1 && !proven.has(connection)) {
        refused.push(body);
        return connection.reset(streamId, REFUSED_STREAM);
      }
      setImmediate(() => {
        proven.add(connection);
        echo(request);
      });
    },
  });
  await using channel = openChannel(server, { isPrimed: true });

  const answers = await Promise.all(sendAll(channel, numbered(50)));

  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(refused).toEqual([]);
  expect(server.requests).toHaveLength(50);
  expect(server.connections).toHaveLength(1);
});

it("fills a connection at once that needs no token", async () => {
  await using server = await startFramedServer({ streams: 1_000 });
  await using channel = openChannel(server, { maxConnections: 1 });

  const answers = Promise.all(sendAll(channel, numbered(50)));

  for (const request of await requestsOf(server, 50)) echo(request);
  await expect(answers).resolves.toHaveLength(50);
});

it("goes on with one request at a time while the peer refuses the token", async () => {
  await using server = await startFramedServer({ streams: 1_000 });
  await using channel = openChannel(server, { isPrimed: true, maxConnections: 1 });
  const answers = Promise.all(sendAll(channel, numbered(5)));

  const [first] = await requestsOf(server, 1);
  first!.connection.answer(first!.streamId, "no", 403);

  const [, second] = await requestsOf(server, 2);
  echo(second!);
  for (const request of (await requestsOf(server, 5)).slice(2)) echo(request);
  expect((await answers).map(({ status }) => status)).toEqual([403, 200, 200, 200, 200]);
});

it("lets the next request go first when the one that did is given up", async () => {
  await using server = await startFramedServer({ streams: 1_000 });
  await using channel = openChannel(server, { isPrimed: true, maxConnections: 1 });
  const giveUp = new AbortController();
  const lost = channel.request(aRequest("lost"), giveUp.signal);
  await requestsOf(server, 1);
  const answers = Promise.all(sendAll(channel, numbered(3)));

  giveUp.abort();

  await expect(lost).rejects.toMatchObject({ name: "AnswerLostError" });
  const [, next] = await requestsOf(server, 2);
  echo(next!);
  for (const request of (await requestsOf(server, 4)).slice(2)) echo(request);
  await answers;
});

it("does not hold everybody up when the peer is silent about the first one", async () => {
  await using server = await startFramedServer({ streams: 1_000 });
  await using channel = openChannel(server, { isPrimed: true });
  const silent = channel.request(aRequest("silent"), AbortSignal.timeout(2_000));
  await requestsOf(server, 1);

  const answers = Promise.all(sendAll(channel, numbered(3)));

  await eventually(() => expect(server.connections[1]?.requests).toHaveLength(1));
  echo(server.connections[1]!.requests[0]!);
  for (const request of (await requestsOf(server, 4)).slice(2)) echo(request);
  await answers;
  expect(server.connections).toHaveLength(2);
  echo(server.requests[0]!);
  await silent;
});

it("sends one alone over each connection that replaces another", async () => {
  await using server = await startFramedServer({ streams: 1_000 });
  await using channel = openChannel(server, { isPrimed: true });
  const first = channel.request(aRequest("first"), never);
  echo((await requestsOf(server, 1))[0]!);
  await first;
  server.connections[0]!.goAway(1);
  await eventually(() => expect(server.connections[0]!.closed).toBe(true));

  const answers = Promise.all(sendAll(channel, numbered(5)));

  const [, alone] = await requestsOf(server, 2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.requests).toHaveLength(2);
  echo(alone!);
  for (const request of (await requestsOf(server, 6)).slice(2)) echo(request);
  await answers;
});
