import fc from "fast-check";
import { expect, it } from "vitest";
import { RoundRobin } from "./round-robin.ts";

function drain<T>(turns: RoundRobin<T>): T[] {
  const order: T[] = [];
  for (let item = turns.next(); item !== undefined; item = turns.next()) order.push(item);
  return order;
}

it("gives each party one turn after the other, however many it has waiting", () => {
  const turns = new RoundRobin<string>();
  for (const number of [1, 2, 3]) turns.join("loud", `loud ${number}`);
  turns.join("quiet", "quiet 1");
  turns.join("third", "third 1");

  expect(drain(turns)).toEqual(["loud 1", "quiet 1", "third 1", "loud 2", "loud 3"]);
});

it("lets who leaves be passed over, once", () => {
  const turns = new RoundRobin<string>();
  const first = turns.join("a", "first");
  turns.join("a", "second");

  first.leave();
  first.leave();

  expect(turns.size).toBe(1);
  expect(drain(turns)).toEqual(["second"]);
  expect(turns.size).toBe(0);
});

it("does not count one twice that leaves after its turn, not even where its party has come back", () => {
  const turns = new RoundRobin<string>();
  const first = turns.join("a", "first");
  turns.next();
  turns.join("a", "again");

  first.leave();

  expect(turns.size).toBe(1);
  expect(drain(turns)).toEqual(["again"]);
});

it("forgets nobody, serves nobody twice, and keeps the order within a party", () => {
  const step = fc.record({ party: fc.constantFrom("a", "b", "c"), serves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const turns = new RoundRobin<{ party: string; number: number }>();
      const served: { party: string; number: number }[] = [];
      for (const [number, { party, serves }] of steps.entries()) {
        turns.join(party, { party, number });
        const next = serves ? turns.next() : undefined;
        if (next !== undefined) served.push(next);
      }
      served.push(...drain(turns));

      expect(served).toHaveLength(steps.length);
      for (const party of ["a", "b", "c"]) {
        const numbers = served.filter((one) => one.party === party).map(({ number }) => number);
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    }),
  );
});
