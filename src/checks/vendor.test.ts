import { expect, it } from "vitest";
import { ok } from "../push/finding.ts";
import { createVendorCheck } from "./vendor.ts";

it("has nothing to say where there is no app", async () => {
  expect(await createVendorCheck({ vendor: "Apple", apps: [] }).run(AbortSignal.timeout(5_000))).toEqual([
    { verdict: "skipped", what: "No app is configured at Apple." },
  ]);
});

it("asks for all apps at once, and reports them in their order", async () => {
  const last = Promise.withResolvers<void>();
  const first = async () => {
    await last.promise;
    return [ok("first")];
  };
  const second = async () => {
    last.resolve();
    return [ok("second")];
  };

  const check = createVendorCheck({ vendor: "Google", apps: [first, second] });

  expect(check.name).toBe("google");
  expect(await check.run(AbortSignal.timeout(5_000))).toEqual([ok("first"), ok("second")]);
});
