import { expect, it } from "vitest";
import {
  aRequest,
  echo,
  eventually,
  never,
  numbered,
  openChannel,
  QUICK_PINGS,
  requestsOf,
  sendAll,
} from "../../../test/fixtures/channel-fixture.ts";
import { startFramedServer, type FramedServer } from "../../../test/fixtures/framed-server.ts";
import type { Channel } from "./channel.ts";

it("stops promptly: it gives what is under way a moment, then cuts it off", async () => {
  await using server = await startFramedServer({ streams: 5 });
  const channel = openChannel(server, { maxConnections: 1, ...QUICK_PINGS });
  const answers = Promise.allSettled(sendAll(channel, numbered(8)));
  const [first] = await requestsOf(server, 5);
  const startedAt = performance.now();

  const stopped = channel[Symbol.asyncDispose]();
  echo(first!);
  await stopped;

  expect(performance.now() - startedAt).toBeLessThan(1_500);
  const [answered, ...others] = await answers;
  expect(answered).toMatchObject({ value: { body: "echo request 0" } });
  for (const lost of others.slice(0, 4)) expect(lost).toMatchObject({ reason: { name: "AnswerLostError" } });
  for (const unsent of others.slice(4)) expect(unsent).toMatchObject({ reason: { name: "NotProcessedError" } });
  await eventually(() => expect(server.open).toHaveLength(0));
});

it.each<readonly [string, (server: FramedServer, channel: Channel) => unknown]>([
  ["idle", (_server, channel) => channel.request(aRequest("echo"), never)],
  [
    "dead",
    async (server, channel) => {
      await channel.request(aRequest("echo"), never);
      server.connections[0]?.freeze();
    },
  ],
  ["still connecting", (_server, channel) => void Promise.allSettled([channel.request(aRequest(), never)])],
  [
    "waiting for an answer",
    async (server, channel) => {
      void Promise.allSettled([channel.request(aRequest(), never)]);
      await requestsOf(server, 1);
    },
  ],
])("leaves neither timer nor socket behind when it stops while the connection is %s", async (_state, arrange) => {
  const before = await listResources();
  {
    await using server = await startFramedServer({
      onRequest: (request) => (request.body === "echo" ? echo(request) : undefined),
    });
    await using channel = openChannel(server, QUICK_PINGS);
    await arrange(server, channel);
  }

  expect((await listResources()).sockets).toEqual(before.sockets);
  // There may be fewer: the test runner has some of its own.
  expect((await listResources()).timers.length).toBeLessThanOrEqual(before.timers.length);
});

it("renews its connections without losing what is under way", async () => {
  await using server = await startFramedServer();
  await using channel = openChannel(server);
  const early = channel.request(aRequest("early"), never);
  const [first] = await requestsOf(server, 1);

  channel.renew();

  const late = channel.request(aRequest("late"), never);
  const [, second] = await requestsOf(server, 2);
  expect(second!.connection).not.toBe(first!.connection);
  echo(first!);
  echo(second!);
  await expect(Promise.all([early, late])).resolves.toHaveLength(2);
  await eventually(() => expect(first!.connection.closed).toBe(true));
});

/** Lists what keeps the process alive after everything that is closing has closed. */
async function listResources(): Promise<{ sockets: string[]; timers: string[] }> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const resources = process.getActiveResourcesInfo();
  return {
    sockets: resources.filter((name) => /^T(?:CP|LS)/.test(name)).toSorted(),
    timers: resources.filter((name) => name === "Timeout"),
  };
}
