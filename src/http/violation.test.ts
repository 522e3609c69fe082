import { describe, expect, it } from "vitest";
import { createHttpFixture } from "../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "./server.ts";
import { DESCRIBED_KEYWORDS } from "./violation.ts";

function serve() {
  const app = createHttpServer({ requireKey: false, names: () => [] }, createHttpFixture().deps);
  const send = async (method: "POST" | "PUT" | "PATCH", url: string, payload: object) =>
    (await app.inject({ method, url, payload })).json<{ code: string; field: string; detail: string }>();
  return { app, send };
}

/** Members of a schema that hold schemas, by how they hold them. */
const SCHEMA_MAPS = new Set(["properties", "patternProperties"]);
const SCHEMA_LISTS = new Set(["anyOf", "oneOf", "allOf"]);
const SCHEMAS = new Set(["items", "propertyNames", "not"]);
/** They refuse nothing by themselves. */
const SILENT = new Set(["default", "description", "~kind", "~optional", "~unsafe"]);

function collectKeywords(schema: object, found: Set<string>): void {
  for (const [keyword, value] of Object.entries(schema) as [string, unknown][]) {
    const below: readonly unknown[] = SCHEMA_MAPS.has(keyword)
      ? Object.values(value as object)
      : SCHEMA_LISTS.has(keyword)
        ? (value as unknown[])
        : SCHEMAS.has(keyword)
          ? [value]
          : [];
    for (const one of below) if (typeof one === "object" && one !== null) collectKeywords(one, found);
    const isHolder = SCHEMA_MAPS.has(keyword) || SCHEMA_LISTS.has(keyword) || keyword === "items";
    if (!isHolder && !SILENT.has(keyword)) found.add(keyword);
  }
}

it("has words for every keyword that the schemas of requests use", async () => {
  const { app } = serve();
  const used = new Set<string>();
  app.addHook("onRoute", ({ schema = {} }) => {
    for (const part of [schema.body, schema.querystring, schema.params]) {
      if (typeof part === "object" && part !== null) collectKeywords(part, used);
    }
  });
  await app.ready();

  expect(used.size).toBeGreaterThan(8);
  expect([...used].filter((keyword) => !DESCRIBED_KEYWORDS.has(keyword))).toEqual([]);
});

const DEVICE = "/v1/subscribers/alice@example.org/devices/phone";
const PREFERENCES = "/v1/subscribers/alice@example.org/preferences";
const PUSH = { callee: "alice@example.org" };
const SECRET = "fZ3kq9Xr7TwB2mN5".repeat(300);

describe("a request that a schema refuses is told the field, what it has to be, and what was found", () => {
  it.each([
    ["type", "POST", "/v1/pushes", { ...PUSH, caller: 7 }, "caller has to be text; found 7."],
    [
      "type",
      "POST",
      "/v1/pushes",
      { ...PUSH, silent: "yes" },
      "silent has to be true or false; found a text of 3 characters.",
    ],
    ["type", "POST", "/v1/pushes", { ...PUSH, data: ["a"] }, "data has to be an object; found a list of 1 entry."],
    ["type", "POST", "/v1/pushes", { ...PUSH, ttl_seconds: 1.5 }, "ttl_seconds has to be a whole number; found 1.5."],
    [
      "enum",
      "POST",
      "/v1/pushes",
      { ...PUSH, interruption_level: "loud" },
      'interruption_level must be one of: passive, active, time-sensitive, critical; found "loud".',
    ],
    [
      "minLength",
      "PATCH",
      PREFERENCES,
      { mobile_push_silent_list: [""] },
      "mobile_push_silent_list.0 must not be empty; found an empty text.",
    ],
    [
      "maxLength",
      "POST",
      "/v1/pushes",
      { callee: "a".repeat(601) },
      "callee may have at most 600 characters; found a text of 601 characters.",
    ],
    [
      "pattern",
      "POST",
      "/v1/pushes",
      { ...PUSH, caller: "a\nb" },
      "caller has to be text without control characters; found a text of 3 characters.",
    ],
    [
      "pattern",
      "PUT",
      "/v1/subscribers/alice@example.org/devices/a%20b",
      { provider: "fcm", token: "t" },
      "device has to be 1 to 128 letters, digits or any of . _ : @ = + ~ -; found a text of 3 characters.",
    ],
    ["minimum", "POST", "/v1/pushes", { ...PUSH, ttl_seconds: -1 }, "ttl_seconds has to be at least 0; found -1."],
    [
      "maximum",
      "POST",
      "/v1/pushes",
      { ...PUSH, ttl_seconds: 2_419_201 },
      "ttl_seconds may be at most 2419200; found 2419201.",
    ],
    [
      "uniqueItems",
      "PATCH",
      PREFERENCES,
      { mobile_push_silent_list: ["a", "a"] },
      "mobile_push_silent_list must not have an entry twice; found a list of 2 entries.",
    ],
    [
      "maxItems",
      "PATCH",
      PREFERENCES,
      { mobile_push_silent_list: Array.from({ length: 1001 }, String) },
      "mobile_push_silent_list may have at most 1000 entries; found a list of 1001 entries.",
    ],
    [
      "maxProperties",
      "POST",
      "/v1/registrations",
      {
        aor: "alice@example.org",
        contact: "<sip:a@192.0.2.1>",
        headers: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`h${index}`, "x"])),
      },
      "headers may have at most 64 members; found an object of 65 members.",
    ],
  ] as const)("by %s, %s %s", async (_keyword, method, url, body, detail) => {
    expect(await serve().send(method, url, body)).toMatchObject({ detail });
  });

  it("but not the text of a token", async () => {
    const { send } = serve();
    const answers = [
      await send("PUT", DEVICE, { provider: "fcm", token: SECRET }),
      await send("PUT", DEVICE, { provider: SECRET.slice(0, 140), token: "t" }),
    ];

    expect(answers.map(({ field }) => field)).toEqual(["token", "provider"]);
    expect(JSON.stringify(answers)).not.toContain(SECRET.slice(0, 16));
  });
});
