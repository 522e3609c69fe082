import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SilenceWatch } from "./silence-watch.ts";

const PING_AFTER_MS = 1_500;
const PONG_TIMEOUT_MS = 2_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection as the watch sees it: requests, signs of life, pongs. */
function aLink({ maxPings = Infinity }: { maxPings?: number } = {}) {
  const link = { inFlight: 0, isAlive: true, pings: 0, diedAt: undefined as number | undefined, relieved: 0 };
  const watch = new SilenceWatch({
    pingAfterMs: PING_AFTER_MS,
    maxPings,
    pongTimeoutMs: PONG_TIMEOUT_MS,
    ping(onPong) {
      link.pings += 1;
      setTimeout(() => {
        if (link.isAlive) onPong();
      }, 30);
    },
    isBusy: () => link.inFlight > 0,
    onRelief: () => void (link.relieved += 1),
    onDead: () => void (link.diedAt = performance.now()),
  });
  return {
    link,
    watch,
    send: () => {
      link.inFlight += 1;
      watch.sent(performance.now(), link.inFlight === 1);
    },
    answer: () => {
      if (link.inFlight === 0) return;
      link.inFlight -= 1;
      watch.heard();
    },
  };
}

describe("a silence", () => {
  it("ends in less than five seconds in the discovery that nobody is there, whatever went on before", () => {
    const aStep = fc.record({ afterMs: fc.integer({ min: 0, max: 4_000 }), kind: fc.constantFrom("send", "answer") });

    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 30 }), fc.nat(30), (steps, dieAt) => {
        const { link, watch, send, answer } = aLink();
        for (const [index, { afterMs, kind }] of steps.entries()) {
          vi.advanceTimersByTime(afterMs);
          if (index === dieAt) link.isAlive = false;
          if (kind === "send") send();
          else if (link.isAlive) answer();
        }
        expect(link.isAlive && link.diedAt !== undefined).toBe(false);
        link.isAlive = false;
        send();

        const askedAt = performance.now();
        vi.advanceTimersByTime(5_000);

        expect(link.diedAt).toBeDefined();
        expect(link.diedAt! - askedAt).toBeLessThanOrEqual(PING_AFTER_MS + PONG_TIMEOUT_MS + 1);
        watch[Symbol.dispose]();
        expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is not questioned while nobody waits for an answer, and no timer runs", () => {
    const { link, send, answer } = aLink();
    send();
    answer();

    vi.advanceTimersByTime(60_000);

    expect(link.pings).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps further requests away while it is questioned, and no longer", () => {
    const { link, watch, send } = aLink();
    send();
    vi.advanceTimersByTime(PING_AFTER_MS);
    expect(watch.isDoubtful).toBe(true);

    vi.advanceTimersByTime(30);

    expect(watch.isDoubtful).toBe(false);
    expect(link).toMatchObject({ pings: 1, relieved: 1, diedAt: undefined });
  });

  it("is questioned again and again while an answer takes long, and the connection kept", () => {
    const { link, send } = aLink();
    send();

    vi.advanceTimersByTime(15_000);

    expect(link.diedAt).toBeUndefined();
    expect(link.pings).toBeGreaterThan(7);
  });

  it("keeps further requests away after three seconds where no further PING may ask, until something is heard", () => {
    const { link, watch, send, answer } = aLink({ maxPings: 0 });
    send();
    send();
    vi.advanceTimersByTime(2_999);
    expect(watch.isDoubtful).toBe(false);
    vi.advanceTimersByTime(1);
    expect(watch.isDoubtful).toBe(true);

    answer();

    expect(watch.isDoubtful).toBe(false);
    expect(link.pings).toBe(0);
  });
});

describe("a peer that counts PINGs", () => {
  it("gets no more than it allows, however long an answer takes", () => {
    const { link, watch, send } = aLink({ maxPings: 2 });
    send();

    vi.advanceTimersByTime(60_000);

    expect(link.pings).toBe(2);
    expect(watch.question()).toBe(false);
    expect(link.diedAt).toBeUndefined();
  });

  it("gets no more between two requests, nor between two answers, whatever goes on", () => {
    const aStep = fc.record({ afterMs: fc.integer({ min: 0, max: 9_000 }), kind: fc.constantFrom("send", "answer") });

    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 40 }), (steps) => {
        const { link, watch, send, answer } = aLink({ maxPings: 2 });
        const since = { send: 0, answer: 0 };
        for (const { afterMs, kind } of steps) {
          vi.advanceTimersByTime(afterMs);
          expect(link.pings - since.send).toBeLessThanOrEqual(2);
          expect(link.pings - since.answer).toBeLessThanOrEqual(2);
          if (kind === "answer" && link.inFlight === 0) continue;
          since[kind] = link.pings;
          if (kind === "send") send();
          else answer();
        }
        watch[Symbol.dispose]();
      }),
    );
  });

  it("is asked in every silence that follows an answer and a request, and left as soon as any other", () => {
    const { link, send, answer } = aLink({ maxPings: 2 });
    send();
    vi.advanceTimersByTime(20_000);
    answer();
    link.isAlive = false;
    send();
    const askedAt = performance.now();

    vi.advanceTimersByTime(5_000);

    expect(link.pings).toBe(3);
    expect(link.diedAt! - askedAt).toBe(PING_AFTER_MS + PONG_TIMEOUT_MS);
  });

  it("is not asked before an idle connection is used again", () => {
    const { watch, send, answer } = aLink({ maxPings: 2 });
    send();
    answer();

    vi.advanceTimersByTime(60_000);

    expect(watch.isStale).toBe(false);
  });
});

describe("a connection that was idle", () => {
  it("has to be questioned before it is used after twenty seconds, and not before", () => {
    const { link, watch, send, answer } = aLink();
    send();
    answer();
    vi.advanceTimersByTime(19_999);
    expect(watch.isStale).toBe(false);
    vi.advanceTimersByTime(1);
    expect(watch.isStale).toBe(true);

    watch.question();
    watch.question();
    vi.advanceTimersByTime(30);

    expect(watch.isStale).toBe(false);
    expect(link.pings).toBe(1);
  });

  it("is found dead two seconds after the question", () => {
    const { link, watch } = aLink();
    vi.advanceTimersByTime(20_000);
    link.isAlive = false;
    const askedAt = performance.now();

    watch.question();
    vi.advanceTimersByTime(PONG_TIMEOUT_MS);

    expect(link.diedAt! - askedAt).toBe(PONG_TIMEOUT_MS);
  });
});
