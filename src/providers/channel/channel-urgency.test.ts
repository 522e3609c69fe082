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

const aCall = (body: string) => ({ ...aRequest(body), isUrgent: true });

it("sends a call before thousands of messages that have been waiting", async () => {
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { maxConnections: 1, maxStreams: 5_000 });
  const messages = Promise.all(sendAll(channel, numbered(3_000)));
  const [first] = await requestsOf(server, 1);

  const call = channel.request(aCall("call"), never);
  echo(first!);

  const [, second] = await requestsOf(server, 2);
  expect(second!.body).toBe("call");
  echo(second!);
  await call;
  first!.connection.announceStreams(5_000);
  await eventually(() => expect(server.requests).toHaveLength(3_001));
  for (const request of server.requests.slice(2)) echo(request);
  await messages;
});

it("keeps a stream in ten for calls: messages that get no answer do not shut them out", async () => {
  await using server = await startFramedServer({ streams: 20 });
  await using channel = openChannel(server, { maxConnections: 1 });
  const messages = Promise.all(sendAll(channel, numbered(30)));
  await requestsOf(server, 18);

  const calls = Promise.all([
    channel.request(aCall("first call"), never),
    channel.request(aCall("second call"), never),
  ]);

  const taken = await requestsOf(server, 20);
  expect(taken.slice(18).map(({ body }) => body)).toEqual(["first call", "second call"]);
  for (const request of taken) echo(request);
  for (const request of (await requestsOf(server, 32)).slice(20)) echo(request);
  await Promise.all([messages, calls]);
});

it("does not send what waited past its deadline, although nobody was in time to give it up", async () => {
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { maxConnections: 1 });
  const [early] = sendAll(channel, numbered(1));
  const [first] = await requestsOf(server, 1);
  const notAfter = Date.now() + 50;
  const late = channel.request({ ...aRequest("late"), notAfter }, never);
  const inTime = channel.request({ ...aRequest("in time"), notAfter: notAfter + 60_000 }, never);
  const refused = late.catch((error: unknown) => error);

  await eventually(() => expect(Date.now()).toBeGreaterThanOrEqual(notAfter));
  echo(first!);

  expect(await refused).toMatchObject({ name: "NotProcessedError", reason: "no_room" });
  echo((await requestsOf(server, 2))[1]!);
  await expect(inTime).resolves.toMatchObject({ body: "echo in time" });
  await early;
});

it("takes calls although no more messages may wait", async () => {
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { maxConnections: 1, maxWaiting: 2 });
  const answers = Promise.all(sendAll(channel, numbered(1)));
  await requestsOf(server, 1);
  const waiting = Promise.all(sendAll(channel, numbered(2)));

  await expect(channel.request(aRequest("one too many"), never)).rejects.toMatchObject({ reason: "no_room" });
  const call = channel.request(aCall("call"), never);

  echo(server.requests[0]!);
  await answers;
  for (const count of [2, 3, 4]) echo((await requestsOf(server, count)).at(-1)!);
  await Promise.all([waiting, call]);
  expect(server.requests[1]?.body).toBe("call");
});

it("has a request that was turned away go before others that wait", async () => {
  const REFUSED_STREAM = 7;
  await using server = await startFramedServer({ streams: 1 });
  await using channel = openChannel(server, { maxConnections: 1 });
  const answers = Promise.all(sendAll(channel, numbered(3)));
  const [first] = await requestsOf(server, 1);

  first!.connection.reset(first!.streamId, REFUSED_STREAM);

  for (const count of [2, 3, 4]) echo((await requestsOf(server, count)).at(-1)!);
  await answers;
  // Its stream was given to the next request before it was known that it had to come back.
  expect(server.requests.map(({ body }) => body)).toEqual(["request 0", "request 1", "request 0", "request 2"]);
});
