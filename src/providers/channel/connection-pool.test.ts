import type { LookupFunction } from "node:net";
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

/** Long enough for several sweeps. */
const someSweeps = () => new Promise((resolve) => setTimeout(resolve, 150));

it("opens another connection when requests find no room for a while, and closes it when it is not needed", async () => {
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { lifetime: { surplusIdleMs: 40 } });
  const answers = Promise.all(sendAll(channel, numbered(2)));
  const [first, second] = await requestsOf(server, 2);
  expect(second!.connection).not.toBe(first!.connection);

  echo(first!);
  echo(second!);
  await answers;

  await eventually(() => expect(server.open).toHaveLength(1));
  await someSweeps();
  expect(server.open).toHaveLength(1);
});

it("opens no other connection while streams soon come free", async () => {
  await using server = await startFramedServer({ streams: 1, onRequest: echo });
  await using channel = openChannel(server);

  await Promise.all(sendAll(channel, numbered(5)));

  expect(server.connections).toHaveLength(1);
});

it("keeps a surplus connection that is in use", async () => {
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { lifetime: { surplusIdleMs: 40 } });
  const answers = Promise.all(sendAll(channel, numbered(2)));
  await requestsOf(server, 2);

  await someSweeps();

  expect(server.open).toHaveLength(2);
  for (const request of server.requests) echo(request);
  await answers;
});

it("closes even the last connection, in peace, where the peer wants none idle; and opens one when it is needed", async () => {
  await using server = await startFramedServer({ onRequest: echo });
  await using channel = openChannel(server, { lifetime: { idleMs: 40 } });

  await channel.request(aRequest(), never);

  await eventually(() => expect(server.open).toHaveLength(0));
  expect(server.connections[0]?.saidGoodbye).toBe(true);
  await expect(channel.request(aRequest("again"), never)).resolves.toMatchObject({ body: "echo again" });
  expect(server.connections).toHaveLength(2);
});

it("replaces a connection that has grown old in the middle of its work: nothing is lost, and nothing sent twice", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server, { lifetime: { surplusIdleMs: 40, ageMs: 60 } });
  const early = channel.request(aRequest("early"), never);
  const [first] = await requestsOf(server, 1);

  let sent = 1;
  for (let last = first!; last.connection === first!.connection;) {
    const next = channel.request(aRequest(`request ${(sent += 1)}`), never);
    last = (await requestsOf(server, sent)).at(-1)!;
    echo(last);
    await next;
  }

  expect(first!.connection.closed).toBe(false);
  echo(first!);
  await expect(early).resolves.toMatchObject({ body: "echo early" });
  await eventually(() => expect(first!.connection.closed).toBe(true));
  expect(new Set(server.requests.map(({ body }) => body)).size).toBe(sent);
});

it("goes on over an old connection while no other one can be had", async () => {
  await using server = await startFramedServer();
  const { dns, ...way } = byFickleName(server);
  await using channel = openChannel(server, { ...way, lifetime: { surplusIdleMs: 40, ageMs: 60 } });
  const early = channel.request(aRequest("early"), never);
  await requestsOf(server, 1);

  dns.isDown = true;
  await eventually(() => expect(dns.failures).toBeGreaterThan(0));

  const late = channel.request(aRequest("late"), never);
  const [first, second] = await requestsOf(server, 2);
  expect(second!.connection).toBe(first!.connection);
  for (const request of server.requests) echo(request);
  await Promise.all([early, late]);
  expect(server.connections).toHaveLength(1);
});

it("turns nobody away because it cannot grow", async () => {
  await using server = await startFramedServer({ streams: 1 });
  const { dns, ...way } = byFickleName(server);
  await using channel = openChannel(server, way);
  const early = channel.request(aRequest("early"), never);
  const [first] = await requestsOf(server, 1);
  dns.isDown = true;

  const late = channel.request(aRequest("late"), never);

  await eventually(() => expect(dns.failures).toBeGreaterThan(0));
  echo(first!);
  echo((await requestsOf(server, 2))[1]!);
  await expect(Promise.all([early, late])).resolves.toMatchObject([{ body: "echo early" }, { body: "echo late" }]);
});

/** A name that DNS can be made to forget. */
function byFickleName({ port }: FramedServer) {
  const dns = { isDown: false, failures: 0 };
  const lookup: LookupFunction = (_host, { all }, callback) => {
    if (dns.isDown) {
      dns.failures += 1;
      return callback(Object.assign(new Error("no answer"), { code: "EAI_AGAIN" }), []);
    }
    return all ? callback(null, [{ address: "127.0.0.1", family: 4 }]) : callback(null, "127.0.0.1", 4);
  };
  return { dns, lookup, origin: `https://localhost:${port}` };
}

it("has no more streams than it may, whatever the peer allows", async () => {
  await using server = await startFramedServer({ streams: 1_000 });
  await using channel = openChannel(server, { maxStreams: 100, maxConnections: 1 });
  const calls = Array.from({ length: 120 }, (_, number) => ({ ...aRequest(`call ${number}`), isUrgent: true }));

  const answers = Promise.all(calls.map((call) => channel.request(call, never)));

  const first = await requestsOf(server, 100);
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.requests).toHaveLength(100);
  for (const request of first) echo(request);
  for (const request of (await requestsOf(server, 120)).slice(100)) echo(request);
  await answers;
});

it("connects once a second after the first three, also where each connection is answered once and then dies", async () => {
  const begun: number[] = [];
  const seen = new Set<unknown>();
  await using server = await startFramedServer({
    onRequest(request) {
      if (!seen.has(request.connection)) begun.push(performance.now());
      seen.add(request.connection);
      echo(request);
      request.connection.end();
    },
  });
  await using channel = openChannel(server);
  const enough = AbortSignal.timeout(2_300);

  while (!enough.aborted) await Promise.allSettled([channel.request(aRequest(), enough)]);

  expect(begun.length).toBeGreaterThan(3);
  expect(server.connections.length).toBeLessThanOrEqual(3 + 2 + 1);
  expect(begun[3]! - begun[0]!).toBeGreaterThan(900);
});

it("carries a request from one connection that says goodbye to the next, as often as it takes", async () => {
  const PER_CONNECTION = 2;
  await using server = await startFramedServer({
    onRequest(request) {
      const { connection, streamId } = request;
      const number = connection.requests.indexOf(request) + 1;
      if (number <= PER_CONNECTION) echo(request);
      if (number === PER_CONNECTION) connection.goAway(streamId);
    },
  });
  await using channel = openChannel(server);

  const answers = await Promise.all(sendAll(channel, numbered(10)));

  expect(answers.map(({ body }) => body)).toEqual(numbered(10).map((body) => `echo ${body}`));
  expect(server.connections).toHaveLength(5);
  const worked = server.connections.flatMap(({ requests }) => requests.slice(0, PER_CONNECTION));
  expect(new Set(worked.map(({ body }) => body)).size).toBe(10);
});

it("tries a request that was refused on another connection first", async () => {
  const REFUSED_STREAM = 7;
  await using server = await startFramedServer({ streams: 2 });
  await using channel = openChannel(server, { maxConnections: 2 });
  const holding = Promise.all(sendAll(channel, numbered(4)));
  const [first, second, third] = await requestsOf(server, 4);
  for (const request of [first!, third!]) echo(request);
  await eventually(() => expect(server.connections).toHaveLength(2));
  const refused = channel.request(aRequest("refused"), never);
  const taken = (await requestsOf(server, 5)).at(-1)!;
  expect(taken.connection).toBe(second!.connection);

  taken.connection.reset(taken.streamId, REFUSED_STREAM);

  const repeated = (await requestsOf(server, 6)).at(-1)!;
  expect(repeated.connection).not.toBe(taken.connection);
  for (const request of server.requests) if (request !== taken) echo(request);
  await Promise.all([holding, refused]);
});
