import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../test/fixtures/clocks.ts";
import { CircuitBreaker, type Admission, type Health, type Pass } from "./circuit-breaker.ts";

function arrange() {
  const clock = createManualClock();
  const breaker = new CircuitBreaker();
  const admit = (isCall = true): Admission => breaker.admit(isCall, clock());
  const pass = (isCall = true): Pass => {
    const admission = admit(isCall);
    if (admission.kind !== "pass") throw new Error(`has to wait for ${admission.ms} ms`);
    return admission;
  };
  const meet = (...healths: Health[]): void => {
    for (const health of healths) breaker.report(pass(), health, clock());
  };
  const kind = () => breaker.state.kind;
  return { clock, breaker, admit, pass, meet, kind };
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

/** A breaker that three failures opened half a second ago, and that now waits for probes. */
function arrangeHalfOpen() {
  const fixture = arrange();
  fixture.meet(...times<Health>(3, "ill"));
  fixture.clock.advance(500);
  return fixture;
}

describe("a breaker that is closed", () => {
  it("lets all pass, and stays so as long as enough goes well", () => {
    const { meet, kind } = arrange();

    meet(...times<Health>(21, "well"), ...times<Health>(83, "ill"));

    expect(kind()).toBe("closed");
  });

  it("opens when four fifths of what it saw of late went wrong", () => {
    const { meet, kind } = arrange();

    meet("well", ...times<Health>(3, "ill"));
    expect(kind()).toBe("closed");
    meet("ill");

    expect(kind()).toBe("open");
  });

  it("does not open for two failures, nor for what says nothing of the app", () => {
    const { meet, kind } = arrange();

    meet("ill", "ill", ...times<Health>(50, undefined));

    expect(kind()).toBe("closed");
  });

  it("forgets within ten seconds what went wrong", () => {
    const { clock, meet, kind } = arrange();
    meet("ill", "ill");
    clock.advance(10_000);

    meet("ill", "ill");
    expect(kind()).toBe("closed");
    meet("ill");

    expect(kind()).toBe("open");
  });
});

describe("a breaker that is open", () => {
  it("lets nothing pass for half a second, calls neither, and says for how long", () => {
    const { clock, admit, meet } = arrange();
    meet(...times<Health>(3, "ill"));

    clock.advance(100);

    expect([admit(true), admit(false)]).toEqual(times(2, { kind: "wait", ms: 400 }));
  });

  it("pays no attention to what had been under way before it opened", () => {
    const { clock, breaker, pass, meet, kind } = arrange();
    const [slow, slower] = [pass(), pass()];
    meet(...times<Health>(3, "ill"));

    breaker.report(slow, "well", clock());
    expect(kind()).toBe("open");
    clock.advance(500);
    breaker.report(slower, "ill", clock());

    expect(breaker.state).toMatchObject({ failures: 1 });
  });
});

describe("probes", () => {
  it("are three at most, one of them a message, so that a call finds a place", () => {
    const { admit } = arrangeHalfOpen();

    const kinds = [false, false, true, true, true].map((isCall) => admit(isCall).kind);

    expect(kinds).toEqual(["pass", "wait", "pass", "pass", "wait"]);
  });

  it("let calls ask again soon, and messages later", () => {
    const { admit, pass } = arrangeHalfOpen();
    for (const _probe of times(3, 0)) pass();

    expect(admit(true)).toEqual({ kind: "wait", ms: 250 });
    expect(admit(false)).toEqual({ kind: "wait", ms: 500 });
  });

  it("close it with the first success, and it counts anew from there", () => {
    const { meet, kind } = arrangeHalfOpen();

    meet("well", "ill", "ill", "ill");
    expect(kind()).toBe("closed");
    meet("ill");

    expect(kind()).toBe("open");
  });

  it("open it again with the first failure, for twice as long, and never longer than two seconds", () => {
    const { clock, admit, meet } = arrangeHalfOpen();
    const pauses: unknown[] = [];

    for (const _failure of times(6, 0)) {
      meet("ill");
      const admission = admit();
      pauses.push(admission);
      clock.advance(admission.kind === "wait" ? admission.ms : 0);
    }

    expect(pauses).toEqual([1_000, 2_000, 2_000, 2_000, 2_000, 2_000].map((ms) => ({ kind: "wait", ms })));
  });

  it("begin with half a second again after a success", () => {
    const { clock, admit, meet } = arrangeHalfOpen();
    meet("ill");
    clock.advance(1_000);
    meet("well", ...times<Health>(4, "ill"));

    expect(admit()).toEqual({ kind: "wait", ms: 500 });
  });

  it("that do not answer do not bar the way for ever", () => {
    const { clock, admit, pass } = arrangeHalfOpen();
    for (const _probe of times(3, 0)) pass();
    expect(admit().kind).toBe("wait");

    clock.advance(500);

    expect(times(4, 0).map(() => admit().kind)).toEqual(["pass", "pass", "pass", "wait"]);
  });

  it("that say nothing of the app leave it as it is", () => {
    const { meet, kind } = arrangeHalfOpen();

    meet(undefined);

    expect(kind()).toBe("open");
  });

  it("that answer after another one has decided decide nothing", () => {
    const { clock, breaker, pass, kind } = arrangeHalfOpen();
    const [first, second] = [pass(), pass()];

    breaker.report(first, "well", clock());
    breaker.report(second, "ill", clock());

    expect(kind()).toBe("closed");
  });
});

describe("a pause that the provider asked for", () => {
  it("is kept to the end, and probes follow it", () => {
    const { clock, breaker, admit, kind } = arrange();

    breaker.pause(60_000, clock());
    clock.advance(59_999);
    expect(admit()).toEqual({ kind: "wait", ms: 1 });
    clock.advance(1);

    expect(admit().kind).toBe("pass");
    expect(kind()).toBe("open");
  });

  it("is one, however many pushes are told of it, and lasts as long as the longest", () => {
    const { clock, breaker, admit } = arrange();

    for (const ms of [30_000, 60_000, 10_000]) breaker.pause(ms, clock());

    expect(breaker.state).toMatchObject({ failures: 1 });
    expect(admit()).toEqual({ kind: "wait", ms: 60_000 });
  });

  it("is an hour at most", () => {
    const { clock, breaker, admit } = arrange();

    breaker.pause(Number.MAX_SAFE_INTEGER, clock());

    expect(admit()).toEqual({ kind: "wait", ms: 3_600_000 });
  });
});

it("lets something pass within five seconds, whatever happened before and whatever hangs", () => {
  const step = fc.record({
    what: fc.constantFrom<Health | "hangs">("well", "ill", "hangs"),
    isCall: fc.boolean(),
    afterMs: fc.integer({ min: 0, max: 3_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, breaker, admit } = arrange();
      for (const { what, isCall, afterMs } of steps) {
        clock.advance(afterMs);
        const admission = admit(isCall);
        if (admission.kind === "pass" && what !== "hangs") breaker.report(admission, what, clock());
      }

      clock.advance(5_000);

      expect(admit(true).kind).toBe("pass");
    }),
  );
});
