import { Type } from "typebox";
import { expect, expectTypeOf, it } from "vitest";
import { as, resolveSettings, SECOND_MS, type Resolved } from "./target.ts";

const SETTINGS = {
  max_pending: Type.Integer({ default: 1 }),
  window_seconds: as("implicitMs", Type.Integer({ default: 3 }), SECOND_MS),
  country_code: Type.Optional(Type.String()),
  inner: Type.Object({ hold_ms: Type.Integer(), paths: Type.Array(Type.String()) }),
  apps: Type.Array(Type.Object({ app_name: Type.String() })),
};
const RAW = {
  max_pending: 5,
  window_seconds: 3,
  inner: { hold_ms: 4, paths: ["/p"] },
  apps: [{ app_name: "Phone" }],
};

it("names settings in camel case or as they say, and converts their unit", () => {
  const resolved = resolveSettings(SETTINGS, RAW);

  expect(resolved).toEqual({
    maxPending: 5,
    implicitMs: 3_000,
    inner: { holdMs: 4, paths: ["/p"] },
    apps: [{ appName: "Phone" }],
  });
});

it("leaves an absent setting absent, and members that are no settings out", () => {
  expect(resolveSettings({ max_pending: SETTINGS.max_pending }, RAW)).toEqual({ maxPending: 5 });
  expect(resolveSettings(SETTINGS, { ...RAW, country_code: "43" })).toMatchObject({ countryCode: "43" });
});

it("has the type of what it returns", () => {
  expectTypeOf<Resolved<typeof SETTINGS>>().toEqualTypeOf<{
    readonly maxPending: number;
    readonly implicitMs: number;
    readonly countryCode?: string;
    readonly inner: { readonly holdMs: number; readonly paths: readonly string[] };
    readonly apps: readonly { readonly appName: string }[];
  }>();
});
