import { describe, expect, it } from "vitest";
import type { ForeignRequest } from "../gateway/dialect.ts";
import { GatewayError } from "../gateway/errors.ts";
import { createHttpFixture, PUSH_ID, type RigOptions } from "../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "./server.ts";

function serve(options: RigOptions = {}) {
  const fixture = createHttpFixture(options);
  return { ...fixture, app: createHttpServer({ requireKey: false, names: () => [] }, fixture.deps) };
}

describe("a dialect's route", () => {
  it.each(["/push", "/push/", "/mobilepush", "/mobilepush/"])("takes GET and POST at %s", async (url) => {
    const { app, asked } = serve();

    const answers = [await app.inject(`${url}?callee=alice`), await app.inject({ method: "POST", url })];

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(asked).toMatchObject([{ dialect: "fake" }, { dialect: "fake" }]);
  });

  it("hands over path, query, type and body as they came", async () => {
    const { app, foreign } = serve();
    const payload = Buffer.from([0, 255, 128, 43, 37]);

    await app.inject({
      method: "POST",
      url: "/mobilepush?a=%zz+%2B&a=?&&",
      headers: { "content-type": "multipart/form-data; boundary=xyz" },
      payload,
    });

    expect(foreign).toMatchObject([
      {
        method: "POST",
        path: "/mobilepush/",
        rawQuery: "a=%zz+%2B&a=?&&",
        contentType: "multipart/form-data; boundary=xyz",
      },
    ]);
    expect(Buffer.from(foreign[0]!.body)).toEqual(payload);
  });

  it.each(["text/plain", "application/json", "application/x-www-form-urlencoded", "image/png"])(
    "reads no meaning into a body of %s",
    async (type) => {
      const { app, foreign } = serve();

      const answer = await app.inject({
        method: "POST",
        url: "/push",
        headers: { "content-type": type },
        payload: "{a",
      });

      expect(answer.statusCode).toBe(200);
      expect(Buffer.from(foreign[0]!.body).toString()).toBe("{a");
    },
  );

  it.each([
    [
      { kind: "accepted", id: PUSH_ID, state: "pending" },
      { id: PUSH_ID, status: "accepted" },
    ],
    [
      { kind: "repeat", id: PUSH_ID, state: "delivered" },
      { id: PUSH_ID, status: "repeat" },
    ],
    [
      { kind: "suppressed", id: PUSH_ID, reason: "push_disabled" },
      { id: PUSH_ID, status: "suppressed", code: "push_disabled" },
    ],
  ] as const)("answers %j with %j", async (receipt, body) => {
    const { app } = serve({ acceptPush: async () => receipt });

    const answer = await app.inject("/push");

    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.json()).toEqual(body);
  });

  it("answers a refusal of the dialect as a problem and reports it with its hint", async () => {
    const { app, refused } = serve();

    const answer = await app.inject("/push?no=callee");

    expect(answer.statusCode).toBe(400);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.json()).toEqual({
      type: "urn:sip-pushd:problem:missing_field",
      title: "A field is missing",
      status: 400,
      detail: "callee is needed.",
      code: "missing_field",
      field: "callee",
    });
    expect(refused).toEqual([
      {
        dialect: "fake",
        code: "missing_field",
        field: "callee",
        detail: "callee is needed.",
        hint: "use use_post=no",
        remoteAddress: "127.0.0.1",
      },
    ]);
  });

  it("answers a full queue with 503 and Retry-After", async () => {
    const refusal = new GatewayError("queue_full", "Full.", { retryAfterSeconds: 1, pushId: PUSH_ID });
    const { app, refused } = serve({ acceptPush: () => Promise.reject(refusal) });

    const answer = await app.inject("/push");

    expect(answer.statusCode).toBe(503);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(answer.json()).toMatchObject({ code: "queue_full", push_id: PUSH_ID });
    expect(refused).toHaveLength(1);
  });

  it("says nothing of an error of its own, but reports it", async () => {
    const bug = new TypeError("secret internals at /srv/x.ts");
    const { app, unexpected } = serve({ acceptPush: () => Promise.reject(bug) });

    const answer = await app.inject("/push");

    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: "internal_error" });
    expect(answer.body).not.toMatch(/secret|srv|stack/);
    expect(unexpected).toEqual([bug]);
  });

  it.each(["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const)(
    "answers %s with 405 and no push",
    async (method) => {
      const { app, asked } = serve();

      const answer = await app.inject({ method: method as "GET", url: "/push" });

      expect(answer.statusCode).toBe(405);
      expect(answer.headers.allow).toBe("GET, POST");
      expect(asked).toEqual([]);
    },
  );

  it("reports a push that went to an unknown path, without its query", async () => {
    const { app, refused } = serve();

    const answer = await app.inject("/pushd?callee=alice");

    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: "not_found", detail: "There is nothing at /pushd." });
    expect(refused).toMatchObject([
      { dialect: "http", code: "not_found", hint: expect.stringContaining("dialects.sipwise.paths") },
    ]);
  });
});

it("tells once for each name which fields have no effect", async () => {
  const reported: string[] = [];
  const { deps } = createHttpFixture();
  const dialects = deps.dialects.map((dialect) => ({
    ...dialect,
    listIgnoredFields: ({ rawQuery }: ForeignRequest) => rawQuery.split("&"),
  }));
  const events = {
    ...deps.events,
    fieldIgnored: (field: string, name: string) => void reported.push(`${name} ${field}`),
  };
  const app = createHttpServer({ requireKey: false, names: () => [] }, { ...deps, dialects, events });

  for (const query of ["apns_topic", "apns_topic&apns_id", "apns_id"]) await app.inject(`/push?${query}`);

  expect(reported).toEqual(["fake apns_topic", "fake apns_id"]);
});
