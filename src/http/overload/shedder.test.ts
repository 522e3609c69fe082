import { describe, expect, it } from "vitest";
import { Shedder } from "./shedder.ts";
import type { Source } from "./sources.ts";

const A = { key: "a", domain: "a.example" };
const B = { key: "b", domain: "b.example" };

/**
 * A gateway with one core. An admitted request costs `costMs` of it, a refused one `refusalMs`, and all wait in one
 * queue.
 */
class Gateway {
  readonly shedder: Shedder;
  #now = 0;
  /** When the accepted work is done. */
  #busyUntil = 0;
  readonly #costMs: number;
  readonly #refusalMs: number;

  constructor({ costMs = 4, refusalMs = 0.2 } = {}) {
    this.#costMs = costMs;
    this.#refusalMs = refusalMs;
    this.shedder = new Shedder({ targetMs: 20, oldestMs: 1_000, now: () => this.#now });
  }

  pause(seconds: number): void {
    this.#now += seconds * 1000;
  }

  stall(ms: number): void {
    this.#busyUntil = Math.max(this.#busyUntil, this.#now) + ms;
  }

  /** Sends requests for some seconds, at a rate for each source. */
  run(seconds: number, rates: readonly { readonly source: Source; readonly perSecond: number }[]) {
    const began = this.#now;
    const results = rates.map(() => ({ sent: 0, admitted: 0, longestWaitMs: 0 }));
    const arrivals = rates
      .flatMap(({ source, perSecond }, index) =>
        Array.from({ length: Math.floor(seconds * perSecond) }, (_, number) => ({
          at: began + ((number + 0.5) * 1000) / perSecond,
          source,
          index,
        })),
      )
      .toSorted((one, other) => one.at - other.at);
    for (const { at, source, index } of arrivals) {
      this.#now = Math.max(at, this.#busyUntil);
      const result = results[index]!;
      const waitedMs = this.#now - at;
      const isAdmitted = this.shedder.admits(waitedMs, source);
      this.#busyUntil = this.#now + (isAdmitted ? this.#costMs : this.#refusalMs);
      result.sent += 1;
      if (!isAdmitted) continue;
      result.admitted += 1;
      result.longestWaitMs = Math.max(result.longestWaitMs, waitedMs);
    }
    return results.map((result) => ({ ...result, perSecond: result.admitted / seconds }));
  }
}

const CAPACITY = 250;

describe("a gateway that keeps up", () => {
  it("admits all", () => {
    const gateway = new Gateway();

    const [a] = gateway.run(10, [{ source: A, perSecond: CAPACITY * 0.9 }]);

    expect(a!.admitted).toBe(a!.sent);
    expect(gateway.shedder.isShedding).toBe(false);
  });

  it("admits what has waited while the loop stood still for a moment", () => {
    const gateway = new Gateway();
    gateway.run(5, [{ source: A, perSecond: CAPACITY / 2 }]);
    gateway.stall(150);

    const [a] = gateway.run(5, [{ source: A, perSecond: CAPACITY / 2 }]);

    expect(a!.admitted).toBe(a!.sent);
  });

  it("refuses what is too old, whoever sent it", () => {
    const gateway = new Gateway();

    expect(gateway.shedder.admits(1_001, undefined)).toBe(false);
    expect(gateway.shedder.admits(1_000, undefined)).toBe(true);
  });
});

describe("a gateway with more to do than it can", () => {
  it.each([
    [2, 0.75],
    [5, 0.35],
    [10, 0.1],
  ])("serves at %s times its capacity %s of it at least, and that in time", (times, wanted) => {
    const gateway = new Gateway();
    gateway.run(2, [{ source: A, perSecond: CAPACITY * times }]);

    const [a] = gateway.run(10, [{ source: A, perSecond: CAPACITY * times }]);

    expect(a!.perSecond).toBeGreaterThan(CAPACITY * wanted);
    expect(a!.longestWaitMs).toBeLessThan(100);
  });

  it("refuses nothing more soon after the flood", () => {
    const gateway = new Gateway();
    gateway.run(5, [{ source: A, perSecond: CAPACITY * 5 }]);
    gateway.run(3, [{ source: A, perSecond: CAPACITY * 0.5 }]);

    const [a] = gateway.run(5, [{ source: A, perSecond: CAPACITY * 0.5 }]);

    expect(gateway.shedder.isShedding).toBe(false);
    expect(a!.admitted).toBe(a!.sent);
  });

  it("forgets the flood if nobody asks for a while", () => {
    const gateway = new Gateway();
    gateway.run(5, [{ source: A, perSecond: CAPACITY * 5 }]);

    gateway.pause(5);
    const [a] = gateway.run(1, [{ source: A, perSecond: CAPACITY * 0.9 }]);

    expect(a!.admitted).toBe(a!.sent);
    expect(gateway.shedder.isShedding).toBe(false);
  });

  it.each([
    ["key", B],
    ["domain of the same key", { key: "a", domain: "b.example" }],
  ])("refuses nothing of another %s that keeps within its share", (_name, other) => {
    const gateway = new Gateway();
    const rates = [
      { source: A, perSecond: CAPACITY * 5 },
      { source: other, perSecond: CAPACITY / 5 },
    ];
    gateway.run(3, rates);

    const [a, b] = gateway.run(10, rates);

    expect(b!.admitted).toBe(b!.sent);
    expect(b!.longestWaitMs).toBeLessThan(100);
    expect(a!.admitted).toBeGreaterThan(0);
  });

  it("gives two that flood alike", () => {
    const gateway = new Gateway();
    const rates = [
      { source: A, perSecond: CAPACITY * 6 },
      { source: B, perSecond: CAPACITY * 3 },
    ];
    gateway.run(3, rates);

    const [a, b] = gateway.run(10, rates);

    expect(a!.perSecond / b!.perSecond).toBeLessThan(2);
    expect(b!.perSecond / a!.perSecond).toBeLessThan(2);
  });

  it("gives a key with many domains no more than another key", () => {
    const gateway = new Gateway();
    const domains = Array.from({ length: 20 }, (_, index) => ({
      source: { key: "a", domain: `${index}.example` },
      perSecond: (CAPACITY * 4) / 20,
    }));
    const rates = [{ source: B, perSecond: CAPACITY / 3 }, ...domains];
    gateway.run(3, rates);

    const [b] = gateway.run(10, rates);

    expect(b!.admitted / b!.sent).toBeGreaterThan(0.95);
  });

  it("goes on with little, although nothing that it refuses makes the loop faster", () => {
    let now = 0;
    const shedder = new Shedder({ targetMs: 20, oldestMs: 1_000, now: () => now });
    const admit = (seconds: number) => {
      let admitted = 0;
      for (const end = now + seconds * 1000; now < end; now += 10) if (shedder.admits(50, A)) admitted += 1;
      return admitted / seconds;
    };
    admit(30);

    expect(admit(10)).toBeGreaterThan(10);
  });
});
