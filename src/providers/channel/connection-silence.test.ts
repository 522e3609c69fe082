import { expect, it } from "vitest";
import {
  aRequest,
  echo,
  eventually,
  never,
  openChannel,
  QUICK_PINGS,
  requestsOf,
  sendAll,
} from "../../../test/fixtures/channel-fixture.ts";
import { startFramedServer } from "../../../test/fixtures/framed-server.ts";
import { AnswerLostError } from "./errors.ts";

it("finds a half-open connection by a PING, and sends the next request over a new one", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server, QUICK_PINGS);
  const lost = channel.request(aRequest("lost"), never);
  const [first] = await requestsOf(server, 1);
  const startedAt = performance.now();

  first!.connection.freeze();

  await expect(lost).rejects.toBeInstanceOf(AnswerLostError);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  const next = channel.request(aRequest("next"), never);
  const [, second] = await requestsOf(server, 2);
  expect(second!.connection).not.toBe(first!.connection);
  echo(second!);
  await expect(next).resolves.toMatchObject({ body: "echo next" });
});

it("leaves a connection alone that answers PINGs, however long an answer takes", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server, QUICK_PINGS);
  const slow = channel.request(aRequest("slow"), never);
  const [request] = await requestsOf(server, 1);
  await eventually(() => expect(request!.connection.pings).toBeGreaterThan(2));

  echo(request!);

  await expect(slow).resolves.toMatchObject({ body: "echo slow" });
  expect(server.connections).toHaveLength(1);
});

it("sends nothing more over a connection while it doubts it", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server, { pingAfterMs: 60, pongTimeoutMs: 60_000 });
  const lost = channel.request(aRequest("lost"), AbortSignal.timeout(400)).catch((error: unknown) => error);
  const [first] = await requestsOf(server, 1);
  first!.connection.freeze();
  await new Promise((resolve) => setTimeout(resolve, 150));

  const next = channel.request(aRequest("next"), never);

  const [, second] = await requestsOf(server, 2);
  expect(second!.connection).not.toBe(first!.connection);
  echo(second!);
  await next;
  expect(await lost).toBeInstanceOf(AnswerLostError);
});

it("sends no PING more than the peer allows, and leaves a connection on which all fell silent", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server, { maxPings: 0 });
  const lost = channel.request(aRequest("lost"), AbortSignal.timeout(900));
  const [first] = await requestsOf(server, 1);
  await expect(lost).rejects.toBeInstanceOf(AnswerLostError);

  const next = channel.request(aRequest("next"), never);

  const [, second] = await requestsOf(server, 2);
  expect(second!.connection).not.toBe(first!.connection);
  expect(first!.connection.pings).toBe(0);
  echo(second!);
  await next;
});

it("does not leave a connection because one of its requests was given up", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server);
  const lost = channel.request(aRequest("lost"), AbortSignal.timeout(900));
  await requestsOf(server, 1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const other = channel.request(aRequest("other"), never);
  echo((await requestsOf(server, 2))[1]!);
  await other;

  await expect(lost).rejects.toBeInstanceOf(AnswerLostError);

  const next = channel.request(aRequest("next"), never);
  echo((await requestsOf(server, 3))[2]!);
  await next;
  expect(server.connections).toHaveLength(1);
});

it("rejects promptly although the peer has stopped reading and not even the goodbye gets through", async () => {
  await using server = await startFramedServer({ streams: 10_000 });
  await using channel = openChannel(server, { maxConnections: 1, pingAfterMs: 60_000 });
  const giveUp = new AbortController();
  const first = channel.request(aRequest(), giveUp.signal);
  const [request] = await requestsOf(server, 1);
  request!.connection.freeze();
  const stuffing = Promise.allSettled(
    sendAll(
      channel,
      Array.from({ length: 100 }, () => "x".repeat(60_000)),
      giveUp.signal,
    ),
  );

  giveUp.abort();

  await expect(first).rejects.toBeInstanceOf(AnswerLostError);
  for (const answer of await stuffing) expect(answer.status).toBe("rejected");
});
