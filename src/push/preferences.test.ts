import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPushEnabled } from "./enable-policy.ts";
import { ENABLE_MODES, inheritPreferences, type Preferences } from "./preferences.ts";

const somePreferences: fc.Arbitrary<Preferences> = fc.record(
  {
    mobile_push_enable: fc.constantFrom(...ENABLE_MODES),
    mobile_push_expiry: fc.nat(),
    mobile_push_silent_list: fc.array(fc.string()),
  },
  { requiredKeys: [] },
);

describe("inheritPreferences", () => {
  it("lets a subscriber's value hide the domain's, key by key", () => {
    const domain = { mobile_push_enable: "never", mobile_push_expiry: 30 } as const;

    expect(inheritPreferences({ mobile_push_enable: "always" }, domain)).toEqual({
      mobile_push_enable: "always",
      mobile_push_expiry: 30,
    });
  });

  it("takes each key from the subscriber, else from the domain, else leaves it unset", () => {
    fc.assert(
      fc.property(somePreferences, somePreferences, (subscriber, domain) => {
        const effective = inheritPreferences(subscriber, domain);

        for (const key of ["mobile_push_enable", "mobile_push_expiry", "mobile_push_silent_list"] as const) {
          expect(effective[key]).toEqual(key in subscriber ? subscriber[key] : domain[key]);
        }
      }),
    );
  });
});

describe("isPushEnabled", () => {
  it.each(ENABLE_MODES)("with %s pushes unless that is never", (mode) => {
    expect(isPushEnabled({ mobile_push_enable: mode })).toBe(mode !== "never");
  });

  it.each([
    ["nobody said anything", {}, {}, true],
    ["the domain says never", {}, { mobile_push_enable: "never" }, false],
    [
      "the domain says never, the subscriber something else",
      { mobile_push_enable: "no_reg" },
      { mobile_push_enable: "never" },
      true,
    ],
    ["the subscriber says never", { mobile_push_enable: "never" }, { mobile_push_enable: "always" }, false],
    ["only other things were said", { mobile_push_expiry: 10 }, { mobile_push_expiry: 20 }, true],
  ] as const)("decides where %s", (_who, subscriber, domain, enabled) => {
    expect(isPushEnabled(inheritPreferences(subscriber, domain))).toBe(enabled);
  });
});
