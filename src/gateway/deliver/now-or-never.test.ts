import { describe, expect, it } from "vitest";
import { arrangeAttempt } from "../../../test/fixtures/attempts.ts";
import { ACCEPTED_AT, aDelivery, aMessage, aPush } from "../../../test/fixtures/builders.ts";
import { deferred, untilCalledOff } from "../../../test/fixtures/gateway-doubles.ts";
import { BEGIN_WITHIN_MS } from "../../push/deadline.ts";

const NEVER = new AbortController().signal;
const aPushForNow = () => aPush({ request: aMessage({ ttlMs: 0 }), deadline: ACCEPTED_AT + BEGIN_WITHIN_MS });

describe("a push that is worth nothing later", () => {
  it("is tried once, and not again however the provider answers", async () => {
    for (const step of [deferred(), { kind: "deferred", reason: "RESOURCE_EXHAUSTED", scope: "app" }] as const) {
      const { attempt } = arrangeAttempt({ step });

      expect(await attempt(aPushForNow(), aDelivery(), NEVER)).toMatchObject({ state: "expired", attempts: 1 });
    }
  });

  it("does not wait for an operator to mend what its app is refused for", async () => {
    const { attempt } = arrangeAttempt({ step: { kind: "misconfigured", reason: "TopicDisallowed" } });

    expect(await attempt(aPushForNow(), aDelivery(), NEVER)).toMatchObject({ state: "failed" });
  });

  it("ends as expired where its only attempt is called off", async () => {
    const stop = new AbortController();
    const { attempt } = arrangeAttempt({ step: untilCalledOff });

    const result = attempt(aPushForNow(), aDelivery(), stop.signal);
    stop.abort();

    expect(await result).toMatchObject({ state: "expired" });
  });

  it("is not sent by whoever takes over when a lease has run out", async () => {
    const { attempt, time, provider } = arrangeAttempt();
    await time.advance(BEGIN_WITHIN_MS);

    expect(await attempt(aPushForNow(), aDelivery(), NEVER)).toMatchObject({ state: "expired" });
    expect(provider.sent).toEqual([]);
  });
});
