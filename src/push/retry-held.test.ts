import { describe, expect, it } from "vitest";
import type { Throttled } from "./throttled.ts";
import type { Outcome } from "./outcome.ts";
import { decide, decideThrottled } from "./retry.ts";

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const POLICY = { baseMs: 1_000, capMs: 8_000, busyMs: { apns: 0, fcm: 0, gcm: 0 } };

describe("an app that is refused", () => {
  const refused: Outcome = { kind: "misconfigured", reason: "InvalidProviderToken" };
  const decideAt = (now: number, deadline = NOW + HOUR_MS, maxAttempts = Infinity) =>
    decide(
      { outcome: refused, provider: "apns", attempts: 1, acceptedAt: NOW, deadline, now },
      { ...POLICY, maxAttempts },
      () => 0.5,
    );
  const failed = { kind: "end", state: "failed", reason: "InvalidProviderToken" };

  it("has its pushes tried again, so that those of now arrive when it is mended soon", () => {
    expect(decideAt(NOW)).toEqual({ kind: "retry", at: NOW + 500, reason: "InvalidProviderToken" });
  });

  it.each([
    ["after ten minutes, so that they do not fill the queue", NOW + 599_500, NOW + HOUR_MS],
    ["at their deadline, where that comes before", NOW + 59_000, NOW + 60_000],
  ])("has them given up %s", (_when, now, deadline) => {
    expect(decideAt(now - 1, deadline).kind).toBe("retry");
    expect(decideAt(now, deadline)).toEqual(failed);
  });

  it("has them given up after so many attempts as the operator allows", () => {
    expect(decideAt(NOW, NOW + HOUR_MS, 1)).toEqual(failed);
  });
});

describe("a push that was held", () => {
  const held: Throttled = { kind: "throttled", why: "provider_paused", retryAfterMs: 2_000.5 };
  const decideAt = (now: number, cause?: Throttled["cause"], deadline = NOW + HOUR_MS, lastWord?: string) =>
    decideThrottled(
      { ...held, ...(cause === undefined ? {} : { cause }) },
      { acceptedAt: NOW, deadline, now },
      lastWord,
    );

  it("is taken up again when it was told to", () => {
    expect(decideAt(NOW)).toEqual({ kind: "retry", at: NOW + 2_001, reason: "provider_paused" });
  });

  it("has for a reason what was said of it, or else what the others met", () => {
    const cause = { kind: "deferred", reason: "not_reached" } as const;

    expect(decideAt(NOW, cause)).toMatchObject({ reason: "not_reached" });
    expect(decideAt(NOW, cause, NOW + HOUR_MS, "ServiceUnavailable")).toMatchObject({ reason: "ServiceUnavailable" });
  });

  it("expires at once where its deadline comes before", () => {
    expect(decideAt(NOW, undefined, NOW + 2_002).kind).toBe("retry");
    expect(decideAt(NOW, undefined, NOW + 2_001)).toEqual({ kind: "end", state: "expired", reason: "provider_paused" });
  });

  it("waits until its deadline for a provider that is down, and ten minutes for an app that is refused", () => {
    const later = NOW + 600_000 - 2_001;

    expect(decideAt(later, { kind: "deferred", reason: "not_reached" }).kind).toBe("retry");
    expect(decideAt(later - 1, { kind: "misconfigured", reason: "BadTopic" }).kind).toBe("retry");
    expect(decideAt(later, { kind: "misconfigured", reason: "BadTopic" })).toEqual({
      kind: "end",
      state: "failed",
      reason: "BadTopic",
    });
  });
});
