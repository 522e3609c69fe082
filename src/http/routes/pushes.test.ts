import { describe, expect, it } from "vitest";
import { ALICE, IPHONE_TOKENS, aMessage, aPush } from "../../../test/fixtures/builders.ts";
import { buildAppData } from "../../payloads/standard.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { Push } from "../../push/push.ts";
import { createHttpFixture, PUSH_ID, type RigOptions } from "../../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "../server.ts";

function serve(options: RigOptions = {}) {
  const fixture = createHttpFixture(options);
  const app = createHttpServer({ requireKey: false, names: () => [] }, fixture.deps);
  const post = (payload: object | string, headers: Record<string, string> = {}) =>
    app.inject({
      method: "POST",
      url: "/v1/pushes",
      payload,
      headers: { "content-type": "application/json", ...headers },
    });
  return { ...fixture, app, post };
}

const PUSH: Push = {
  id: PUSH_ID,
  request: aMessage(),
  acceptedAt: 1_800_000_000_000,
  deadline: 1_800_000_060_000,
  state: "pending",
  deliveries: [
    {
      deviceId: "iphone",
      provider: "apns",
      tokenKind: "remote",
      token: IPHONE_TOKENS.remote,
      environment: "production",
      state: "delivered",
      attempts: 2,
      reason: "ok",
      providerMessageId: "m1",
    },
  ],
};

describe("POST /v1/pushes", () => {
  it("takes a call with nothing but its callee", async () => {
    const { post, asked } = serve();

    const answer = await post({ callee: "alice@EXAMPLE.org" });

    expect(answer.statusCode).toBe(202);
    expect(answer.headers["location"]).toBe(`/v1/pushes/${PUSH_ID}`);
    expect(answer.json()).toEqual({ id: PUSH_ID, status: "accepted", state: "pending" });
    expect(asked).toEqual([
      { dialect: "v1", request: { kind: "call", callee: ALICE, silent: false, data: {}, aps: {} } },
    ]);
  });

  it("says that a push is accepted, though the store does not say what has become of it", async () => {
    const fixture = createHttpFixture();
    const awaitEnd = () => Promise.reject(new GatewayError("store_unavailable", "The store does not answer."));
    const deps = { ...fixture.deps, pushes: { ...fixture.deps.pushes, awaitEnd } };
    const app = createHttpServer({ requireKey: false, names: () => [] }, deps);

    const answer = await app.inject({
      method: "POST",
      url: "/v1/pushes",
      payload: { callee: ALICE },
      headers: { prefer: "wait=1" },
    });

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ id: PUSH_ID, status: "accepted", state: "pending" });
  });

  it("says so if the store has lost the push while its end was awaited", async () => {
    const { post } = serve({ pushes: [] });

    const answer = await post({ callee: ALICE }, { prefer: "wait=1" });

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ id: PUSH_ID, status: "accepted", state: "failed", reason: "lost_by_store" });
  });

  it("reads every field", async () => {
    const { post, asked } = serve();

    await post({
      callee: "alice@example.org",
      kind: "message",
      caller: "bob@example.org",
      call_id: "c1",
      push_id: "p1",
      device: "pixel",
      silent: true,
      data: { room: "42" },
      alert: "Hello\nAlice",
      sound: "ding.caf",
      badge: 3,
      ttl_seconds: 60,
    });

    expect(asked[0]?.request).toEqual({
      kind: "message",
      callee: ALICE,
      caller: "bob@example.org",
      callId: "c1",
      pushId: "p1",
      deviceId: "pixel",
      silent: true,
      data: { room: "42" },
      content: { body: "Hello\nAlice", sound: "ding.caf", badge: 3 },
      aps: {},
      ttlMs: 60_000,
    });
  });

  it("refuses data of more members than are allowed, and takes as many", async () => {
    const { post, asked } = serve();
    const dataOf = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, ""]));

    const [fits, tooMany] = [
      await post({ callee: ALICE, data: dataOf(64) }),
      await post({ callee: ALICE, data: dataOf(65) }),
    ];

    expect(fits.statusCode).toBe(202);
    expect([tooMany.statusCode, tooMany.json()]).toMatchObject([400, { code: "invalid_field", field: "data" }]);
    expect(asked).toHaveLength(1);
  });

  it("lets no data say that a push is something else than it is", async () => {
    const { app, post, asked } = serve();
    const data = { type: "call_end", event: "cancelled" };

    await post({ callee: ALICE, data });
    await app.inject({ method: "POST", url: "/v1/calls", payload: { callee: ALICE, call_id: "c1", data } });

    const sent = asked.map(({ request }) => buildAppData(aPush({ request }))["type"]);
    expect(sent).toEqual(["call", "call"]);
    expect(asked.map(({ request }) => request.data)).toEqual([{ event: "cancelled" }, { event: "cancelled" }]);
  });

  it.each(["k-1", '"k-1"'])("takes the Idempotency-Key %s as the push's id", async (key) => {
    const { post, asked } = serve();

    await post({ callee: ALICE }, { "idempotency-key": key });

    expect(asked[0]?.request.pushId).toBe("k-1");
  });

  it("answers a repeat with 200 and a suppressed push with 202", async () => {
    const repeat = serve({ acceptPush: async () => ({ kind: "repeat", id: PUSH_ID, state: "delivered" }) });
    const off = serve({ acceptPush: async () => ({ kind: "suppressed", id: PUSH_ID, reason: "push_disabled" }) });

    const [repeated, suppressed] = [await repeat.post({ callee: ALICE }), await off.post({ callee: ALICE })];

    expect([repeated.statusCode, repeated.json()]).toEqual([
      200,
      { id: PUSH_ID, status: "repeat", state: "delivered" },
    ]);
    expect([suppressed.statusCode, suppressed.json()]).toEqual([
      202,
      { id: PUSH_ID, status: "suppressed", code: "push_disabled" },
    ]);
  });

  it.each([
    [{}, "missing_field", "callee"],
    [{ callee: "alice" }, "invalid_field", "callee"],
    [{ callee: ALICE, kind: "fax" }, "invalid_field", "kind"],
    [{ callee: ALICE, ring: true }, "unknown_field", "ring"],
    [{ callee: ALICE, badge: "3" }, "invalid_field", "badge"],
    [{ callee: ALICE, silent: "true" }, "invalid_field", "silent"],
    [{ callee: ALICE, data: [] }, "invalid_field", "data"],
    [{ callee: ALICE, ttl_seconds: -1 }, "invalid_field", "ttl_seconds"],
    [{ callee: ALICE, caller: "a\r\nb" }, "invalid_field", "caller"],
    [[], "invalid_json", undefined],
  ])("refuses %j with %s", async (body, code, field) => {
    const { post, asked, refused } = serve();

    const answer = await post(body);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code, ...(field === undefined ? {} : { field }) });
    expect(asked).toEqual([]);
    expect(refused).toMatchObject([{ dialect: "v1", code }]);
  });

  it.each([
    ["{", "invalid_json"],
    ["", "invalid_json"],
    ['{"callee":"alice@example.org","__proto__":{"a":1}}', "invalid_field"],
    ['{"callee":"alice@example.org","data":{"constructor":{"prototype":{}}}}', "invalid_field"],
    [`{"data":${"[".repeat(30_000)}${"]".repeat(30_000)},"callee":"alice@example.org"}`, "invalid_field"],
  ])("refuses the body %.40s", async (body, code) => {
    const { post } = serve();

    const answer = await post(body);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code });
  });

  it.each([
    ['{"callee":"alice@example.org","data":{"__proto__":"x"}}', "data.__proto__"],
    [String.raw`{"callee":"alice@example.org","data":{"\u005f_proto__":"x"}}`, "data.__proto__"],
    ['{"callee":"alice@example.org","data":{"constructor":{"prototype":{}}}}', "data.constructor"],
  ])("names the member of %s that may not be there", async (body, field) => {
    const { post } = serve();

    const answer = await post(body);

    const detail = `No member of the body may be called ${field.slice("data.".length)}. Give it another name.`;
    expect(answer.json()).toMatchObject({ status: 400, code: "invalid_field", field, detail });
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json", "nonsense"])(
    "refuses a body of type %s with 415",
    async (type) => {
      const { post } = serve();

      const answer = await post('{"callee":"alice@example.org"}', { "content-type": type });

      expect(answer.statusCode).toBe(415);
      expect(answer.json()).toMatchObject({ code: "unsupported_content_type" });
    },
  );

  it("refuses a key in the URL", async () => {
    const { app } = serve();

    const answer = await app.inject({ method: "POST", url: "/v1/pushes?api_key=x", payload: { callee: ALICE } });

    expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: "unknown_field", field: "api_key" }]);
  });

  it("refuses two different names for one push", async () => {
    const { post } = serve();

    const answer = await post({ callee: ALICE, push_id: "a" }, { "idempotency-key": "b" });

    expect(answer.json()).toMatchObject({ code: "invalid_field", field: "push_id" });
  });

  it.each([
    ["no_device", 404],
    ["domain_disabled", 403],
    ["key_reused", 422],
    ["queue_full", 503],
    ["store_unavailable", 503],
  ] as const)("answers %s with %i", async (code, status) => {
    const { post } = serve({ acceptPush: () => Promise.reject(new GatewayError(code, "No.")) });

    const answer = await post({ callee: ALICE });

    expect([answer.statusCode, answer.json()]).toMatchObject([status, { code, status }]);
  });
});

describe("/v1/pushes/{id}", () => {
  it("shows what became of a push, with short tokens and without its text", async () => {
    const { app } = serve({ pushes: [PUSH] });

    const answer = await app.inject(`/v1/pushes/${PUSH_ID.toUpperCase()}`);

    expect(answer.json()).toEqual({
      id: PUSH_ID,
      kind: "message",
      callee: ALICE,
      push_id: PUSH.request.pushId,
      silent: false,
      state: "pending",
      accepted_at: "2027-01-15T08:00:00.000Z",
      deadline: "2027-01-15T08:01:00.000Z",
      deliveries: [
        {
          device: "iphone",
          provider: "apns",
          environment: "production",
          token_kind: "remote",
          token: "b2b2b2…b2b2",
          state: "delivered",
          attempts: 2,
          reason: "ok",
          provider_message_id: "m1",
        },
      ],
    });
    expect(answer.body).not.toContain("lunch");
  });

  it("cancels a push, and tells how it and each of its deliveries stand then", async () => {
    const { app } = serve({ pushes: [PUSH] });

    const answer = await app.inject({ method: "DELETE", url: `/v1/pushes/${PUSH_ID}` });

    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      {
        id: PUSH_ID,
        state: "cancelled",
        reason: "cancelled_in_queue",
        deliveries: [{ device: "iphone", provider: "apns", state: "delivered", attempts: 2 }],
      },
    ]);
  });

  it.each(["GET", "DELETE"] as const)(
    "answers %s with 404 for an unknown push and 400 for what is no id",
    async (method) => {
      const { app } = serve();

      const unknown = await app.inject({ method, url: `/v1/pushes/${PUSH_ID}` });
      const broken = await app.inject({ method, url: "/v1/pushes/..%2f..%2fetc%00" });

      expect([unknown.statusCode, unknown.json()]).toMatchObject([404, { code: "not_found" }]);
      expect([broken.statusCode, broken.json()]).toMatchObject([400, { code: "invalid_field", field: "id" }]);
    },
  );

  it("answers other methods with 405", async () => {
    const { app } = serve();

    const answer = await app.inject({ method: "PUT", url: `/v1/pushes/${PUSH_ID}` });

    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow?.split(", ").toSorted()).toEqual(["DELETE", "GET", "HEAD"]);
  });
});
