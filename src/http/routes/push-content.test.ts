import { describe, expect, it } from "vitest";
import { ALICE } from "../../../test/fixtures/builders.ts";
import { createHttpFixture } from "../../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "../server.ts";

function serve() {
  const fixture = createHttpFixture();
  const app = createHttpServer({ requireKey: false, names: () => [] }, fixture.deps);
  return { ...fixture, post: (payload: object) => app.inject({ method: "POST", url: "/v1/pushes", payload }) };
}

describe("the content of a push", () => {
  it("takes content for both platforms, data of any JSON, and raw blocks", async () => {
    const { post, asked } = serve();
    const apns = { aps: { "relevance-score": 0.5 }, x: 1 };
    const fcm = { android: { notification: { channel_id: "chat" } } };

    await post({
      callee: "alice@example.org",
      kind: "message",
      title: "Bob",
      body: "Lunch?",
      category: "CHAT",
      thread_id: "room-42",
      mutable_content: true,
      interruption_level: "time-sensitive",
      collapse_id: "room-42",
      data: { room: { id: 42 }, unread: 3, plain: "text" },
      apns,
      fcm,
    });

    expect(asked[0]?.request).toMatchObject({
      data: { room: '{"id":42}', unread: "3", plain: "text" },
      structured: ["room", "unread"],
      content: {
        title: "Bob",
        body: "Lunch?",
        category: "CHAT",
        threadId: "room-42",
        mutableContent: true,
        interruptionLevel: "time-sensitive",
        collapseId: "room-42",
      },
      raw: { apns, fcm },
    });
  });

  it.each([
    [{ callee: ALICE, kind: "message", alert: "a", body: "b" }, "invalid_field", "alert"],
    [{ callee: ALICE, interruption_level: "loud" }, "invalid_field", "interruption_level"],
    [{ callee: ALICE, collapse_id: "c" }, "invalid_field", "collapse_id"],
    [{ callee: ALICE, kind: "message", collapse_id: "ä".repeat(33) }, "invalid_field", "collapse_id"],
    [{ callee: ALICE, apns: { aps: { "content-available": 1 } } }, "invalid_field", "apns.aps.content-available"],
    [{ callee: ALICE, apns: { headers: {} } }, "invalid_field", "apns.headers"],
    [{ callee: ALICE, apns: { push_id: "p" } }, "invalid_field", "apns.push_id"],
    [{ callee: ALICE, apns: { x: "y".repeat(3000) } }, "invalid_field", "apns"],
    [
      { callee: ALICE, kind: "message", silent: true, apns: { aps: { alert: "a" } } },
      "invalid_field",
      "apns.aps.alert",
    ],
    [{ callee: ALICE, fcm: { token: "t" } }, "invalid_field", "fcm.token"],
    [{ callee: ALICE, fcm: { android: { priority: "normal" } } }, "invalid_field", "fcm.android.priority"],
    [{ callee: ALICE, fcm: { android: { ttl: "1s" } } }, "invalid_field", "fcm.android.ttl"],
    [{ callee: ALICE, fcm: { android: "x" } }, "invalid_field", "fcm.android"],
    [{ callee: ALICE, fcm: { wrong: {} } }, "invalid_field", "fcm.wrong"],
    [{ callee: ALICE, fcm: { notification: { title: "t" } } }, "invalid_field", "fcm.notification"],
  ])("is refused if it is %j, with %s", async (body, code, field) => {
    const { post, asked } = serve();

    const answer = await post(body);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code, field });
    expect(asked).toEqual([]);
  });
});
