import { expect, it } from "vitest";
import { buildFeatureCaps } from "./feature-caps.ts";

it("names each push service once, in the order of the apps", () => {
  expect(buildFeatureCaps(["apns", "fcm", "gcm"])).toEqual([
    '*;+sip.pns="apns"',
    '*;+sip.pns="apns.dev"',
    '*;+sip.pns="fcm"',
  ]);
});

it("names none where no app is configured", () => {
  expect(buildFeatureCaps([])).toEqual([]);
});

it.each([
  [130.2, '*;+sip.pns="fcm";+sip.pnsreg="131"'],
  [120, '*;+sip.pns="fcm"'],
])("with %d seconds to refresh in says %s", (refreshSeconds, value) => {
  expect(buildFeatureCaps(["gcm"], { refreshSeconds })).toEqual([value]);
});
