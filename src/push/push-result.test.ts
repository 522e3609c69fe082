import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPushState } from "./push-result.ts";
import { PUSH_STATES, type DeliveryState } from "./push.ts";

const DELIVERY_STATES = PUSH_STATES.filter((state): state is DeliveryState => state !== "suppressed");
const deliveries = (states: readonly DeliveryState[]) => states.map((state) => ({ state }));

describe("readPushState", () => {
  it.each([
    [["delivered"], "delivered"],
    [["failed"], "failed"],
    [["expired"], "expired"],
    [["cancelled"], "cancelled"],
    [["failed", "delivered", "expired", "cancelled"], "delivered"],
    [["failed", "cancelled", "expired"], "cancelled"],
    [["expired", "failed"], "failed"],
    [[], "suppressed"],
    [["pending"], undefined],
    [["delivered", "pending"], undefined],
  ] as const)("reads %j as %s", (states, state) => {
    expect(readPushState(deliveries(states))).toBe(state);
  });

  it("is open while one delivery is, ended otherwise, and a success as soon as one phone was woken", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DELIVERY_STATES)), (states) => {
        const state = readPushState(deliveries(states));

        expect(state === undefined).toBe(states.includes("pending"));
        expect(state === "delivered").toBe(state !== undefined && states.includes("delivered"));
      }),
    );
  });

  it("does not depend on the order of the devices", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...DELIVERY_STATES)), (states) => {
        expect(readPushState(deliveries(states.toReversed()))).toBe(readPushState(deliveries(states)));
      }),
    );
  });
});
