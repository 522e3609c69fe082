import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { aRequest, echo, eventually, never, openChannel, requestsOf } from "../../../test/fixtures/channel-fixture.ts";
import { startFramedServer } from "../../../test/fixtures/framed-server.ts";
import type { ChannelOptions } from "./channel.ts";

const SUPERVISED: Partial<ChannelOptions> = { pingAfterMs: 1_500, pongTimeoutMs: 400 };
const LONG_IDLE_MS = 20_000;

/** Time that passes without waiting; timers do not see it. */
let leapMs = 0;
const realNow = performance.now.bind(performance);
beforeEach(() => {
  leapMs = 0;
  vi.spyOn(performance, "now").mockImplementation(() => realNow() + leapMs);
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function openIdle(options: Partial<ChannelOptions>) {
  const server = await startFramedServer();
  const channel = openChannel(server, options);
  const first = channel.request(aRequest("first"), never);
  echo((await requestsOf(server, 1))[0]!);
  await first;
  // An answer is complete a moment before its stream is closed.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  leapMs += LONG_IDLE_MS;
  return { server, channel };
}

it("asks an idle connection whether it lives before it trusts a request to it", async () => {
  const opened = await openIdle(SUPERVISED);
  await using server = opened.server;
  await using channel = opened.channel;

  const answer = channel.request(aRequest("next"), never);

  const [first, next] = await requestsOf(server, 2);
  expect(next!.connection).toBe(first!.connection);
  expect(next!.connection.pings).toBe(1);
  echo(next!);
  await answer;
  expect(server.connections).toHaveLength(1);
});

it("sends a request over a new connection where the idle one has died: it is not lost", async () => {
  const opened = await openIdle(SUPERVISED);
  await using server = opened.server;
  await using channel = opened.channel;
  server.connections[0]!.freeze();

  const answer = channel.request(aRequest("next"), never);

  await eventually(() => expect(server.connections[1]?.requests).toHaveLength(1));
  echo(server.connections[1]!.requests[0]!);
  await expect(answer).resolves.toMatchObject({ body: "echo next" });
  expect(server.connections[0]!.requests).toHaveLength(1);
});

it("asks nothing of an idle connection where the peer counts PINGs", async () => {
  const opened = await openIdle({ maxPings: 2 });
  await using server = opened.server;
  await using channel = opened.channel;

  const answer = channel.request(aRequest("next"), never);

  const [first, next] = await requestsOf(server, 2);
  expect(next!.connection).toBe(first!.connection);
  expect(next!.connection.pings).toBe(0);
  echo(next!);
  await answer;
});

it("keeps requests off a connection that has been silent for long where no further PING may ask", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server, { maxPings: 0 });
  const lost = channel.request(aRequest("lost"), AbortSignal.timeout(800)).catch((error: Error) => error.name);
  const [first] = await requestsOf(server, 1);
  first!.connection.freeze();
  leapMs += 3_000;

  const next = channel.request(aRequest("next"), never);

  await eventually(() => expect(server.connections[1]?.requests).toHaveLength(1));
  echo(server.connections[1]!.requests[0]!);
  await next;
  expect(await lost).toBe("AnswerLostError");
});
