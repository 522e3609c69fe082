import { afterEach, describe, expect, it, vi } from "vitest";
import { aCall, aMessage } from "../../../test/fixtures/builders.ts";
import { createHeldAnswer, DELIVERED, untilCalledOff, type Step } from "../../../test/fixtures/gateway-doubles.ts";
import { arrangeGuard, letTimersRunOut } from "../../../test/fixtures/delivery-fixture.ts";
import { buildAor } from "../../push/address.ts";

afterEach(() => void vi.restoreAllMocks());

describe("pushes under way", () => {
  const limits = { sends: 2, messages: 1, waiting: 2 };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const callOf = (domain: string) => aCall({ callee: buildAor("alice", domain) });

  it("are so many at once; calls go first, and domains in turn", async () => {
    const answers = [
      createHeldAnswer(),
      createHeldAnswer(),
      createHeldAnswer(),
      createHeldAnswer(),
      createHeldAnswer(),
    ];
    let next = 0;
    const step: Step = (...args) => {
      const answer = answers[next++]?.step;
      return typeof answer === "function" ? answer(...args) : Promise.resolve(DELIVERED);
    };
    const { sent, send } = arrangeGuard({ step, limits: { ...limits, waiting: 9 } });

    const all = [callOf("a.org"), callOf("a.org"), aMessage(), callOf("a.org"), callOf("b.org")].map((request) =>
      send(request),
    );
    await settle();
    expect(sent).toHaveLength(2);
    for (const { answer } of answers) {
      answer(DELIVERED);
      await settle();
    }
    await Promise.all(all);

    expect(sent.map(({ push }) => `${push.request.kind} ${push.request.callee}`)).toEqual([
      "call alice@a.org",
      "call alice@a.org",
      "call alice@a.org",
      "call alice@b.org",
      "message alice@example.org",
    ]);
  });

  it("let a domain's only call pass those of another domain that wait", async () => {
    const answers = Array.from({ length: 12 }, () => createHeldAnswer());
    let next = 0;
    const { sent, send } = arrangeGuard({
      step: (...args) => {
        const answer = answers[next++]?.step;
        return typeof answer === "function" ? answer(...args) : Promise.resolve(DELIVERED);
      },
      limits: { ...limits, waiting: 20 },
    });
    const storm = Array.from({ length: 10 }, () => send(callOf("a.org")));
    await settle();
    const only = send(callOf("b.org"));

    for (const { answer } of answers) {
      answer(DELIVERED);
      await settle();
    }
    await Promise.all([...storm, only]);

    const positions = sent.map(({ push }) => push.request.callee);
    expect(positions.indexOf(buildAor("alice", "b.org"))).toBeLessThanOrEqual(3);
  });

  it("that find no room are held, and come back soon, calls sooner", async () => {
    const { sent, send } = arrangeGuard({ step: untilCalledOff, limits: { ...limits, waiting: 0 } });
    for (const request of [aCall(), aCall()]) void send(request);
    await settle();

    expect(await send(aCall())).toEqual({ kind: "throttled", why: "app_busy", retryAfterMs: 250 });
    expect(await send(aMessage())).toEqual({ kind: "throttled", why: "app_busy", retryAfterMs: 1_000 });
    expect(sent).toHaveLength(2);
  });

  it("do not wait for longer than half of the attempt's time", async () => {
    const { send } = arrangeGuard({ step: untilCalledOff, limits });
    for (const request of [aCall(), aCall()]) void send(request);
    await settle();
    const timeouts = letTimersRunOut();

    expect(await send(aCall())).toMatchObject({ kind: "throttled", why: "app_busy" });
    expect(timeouts.mock.calls).toEqual([[expect.any(Function), 5_000]]);
  });

  it("do not go out where their deadline has come while they waited", async () => {
    const slow = createHeldAnswer();
    const { clock, sent, send } = arrangeGuard({ step: slow.step, limits });
    const waiting = [aCall(), aCall(), aCall()].map((request) => send(request));
    await settle();
    clock.advance(60_000);

    slow.answer(DELIVERED);

    expect(await Promise.all(waiting)).toMatchObject([DELIVERED, DELIVERED, { kind: "throttled" }]);
    expect(sent).toHaveLength(2);
  });

  it("leave their place whatever comes of them", async () => {
    const { provider, send } = arrangeGuard({ limits });

    await send();
    provider.step = () => Promise.reject(new Error("a bug"));
    await Promise.allSettled([send(), send()]);
    provider.step = DELIVERED;

    expect(await Promise.all([send(), send()])).toEqual([DELIVERED, DELIVERED]);
  });
});
