import fc from "fast-check";
import { expect, it } from "vitest";
import { PriorityQueue, type Place } from "./priority-queue.ts";

interface Guest extends Place {
  readonly number: number;
}

/** Join with that place, leave (the entry at that fraction of the line), or be served. */
type Step = { readonly join: Place } | { readonly leave: number } | "serve";

const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ join: fc.record({ isUrgent: fc.boolean(), isRepeat: fc.boolean() }) }),
  fc.record({ leave: fc.nat(99) }),
  fc.constant("serve" as const),
);

const rankOf = ({ isUrgent, isRepeat }: Place): number => (isUrgent ? 0 : 2) + (isRepeat ? 0 : 1);

it("serves calls before all others, repeats before newcomers, and else in order of arrival", () => {
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 200 }), (steps) => {
      const line = new PriorityQueue<Guest>();
      const leaving = new Map<Guest, () => void>();
      let model: Guest[] = [];
      const remove = (guest: Guest | undefined): void => {
        if (guest === undefined) return;
        leaving.get(guest)?.();
        leaving.get(guest)?.();
        model = model.filter((other) => other !== guest);
      };

      for (const [number, step] of steps.entries()) {
        if (step === "serve") remove(line.first);
        else if ("leave" in step) remove(model[step.leave % Math.max(model.length, 1)]);
        else {
          const guest = { number, ...step.join };
          leaving.set(guest, line.join(guest, step.join));
          model = [...model, guest].toSorted((a, b) => rankOf(a) - rankOf(b) || a.number - b.number);
        }

        expect(line.first).toBe(model[0]);
        expect(line.size).toBe(model.length);
        expect(line.count(true)).toBe(model.filter(({ isUrgent }) => isUrgent).length);
      }
    }),
  );
});
