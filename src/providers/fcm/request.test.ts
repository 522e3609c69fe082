import { describe, expect, it } from "vitest";
import { ACCEPTED_AT, anAttempt } from "../../../test/fixtures/attempts.ts";
import { aCall, aMessage, anAndroid, ANDROID_TOKEN } from "../../../test/fixtures/builders.ts";
import { buildRequest } from "./request.ts";

const context = {
  projectId: "phone",
  accessToken: "token",
  priority: { call: "high", message: "normal", invite: "normal", groupchat: "normal" },
  now: ACCEPTED_AT + 10_000,
} as const;
const messageOf = (request: { readonly body: string }) => JSON.parse(request.body).message;

describe("building a request to FCM", () => {
  it("calls with data alone, high priority and the time that is left", () => {
    const request = buildRequest(anAttempt(aCall(), anAndroid()), context);

    expect(request.path).toBe("/v1/projects/phone/messages:send");
    expect(messageOf(request)).toMatchObject({
      token: ANDROID_TOKEN,
      data: { type: "call", caller: "+4315551234", callee: "alice", domain: "example.org" },
      android: { priority: "HIGH", ttl: "50s" },
    });
    expect(messageOf(request).notification).toBeUndefined();
  });

  it("sends text only, as Google demands, and the priority configured for the kind", () => {
    const message = messageOf(buildRequest(anAttempt(aMessage(), anAndroid()), context));

    expect(message.android.priority).toBe("NORMAL");
    expect(Object.values(message.data).every((value) => typeof value === "string")).toBe(true);
    expect(message.data.message).toBe("Are we still on for lunch?");
  });

  it("leaves out names that Google keeps for itself", () => {
    const data = { from: "x", message_type: "y", "google.a": "z", "gcm.b": "z", kept: "1" };

    const sent = messageOf(buildRequest(anAttempt(aMessage({ data }), anAndroid()), context)).data;

    expect(Object.keys(sent).toSorted()).toEqual(["kept", "push_id", "type"]);
  });

  it("keeps to 4096 bytes of data", () => {
    const data = { message: "ä".repeat(5_000), full_message: "x".repeat(10_000) };

    const sent = messageOf(buildRequest(anAttempt(aMessage({ data }), anAndroid()), context)).data;

    const bytes = Object.entries<string>(sent).reduce(
      (sum, [k, v]) => sum + Buffer.byteLength(k) + Buffer.byteLength(v),
      0,
    );
    expect(bytes).toBeLessThanOrEqual(4096);
    expect(bytes).toBeGreaterThan(4000);
    expect(sent.full_message).toBeUndefined();
  });

  it("tells a Linphone of a call as Flexisip does", () => {
    const call = aCall({ caller: "sip:bob@example.org", callId: "c1", data: { sender_name: "Bob", x: "1" } });
    const pixel = anAndroid({ id: "urn:uuid:f0dec3ea-bd4c-00ee-b5c2-ce5d8ba4b5b0" });

    const { data, android } = messageOf(
      buildRequest(anAttempt(call, pixel), { ...context, payloadProfile: "linphone" }),
    );

    expect(android).toEqual({ priority: "HIGH", ttl: "50s", direct_boot_ok: true });
    expect(data).toEqual({
      uuid: "<urn:uuid:f0dec3ea-bd4c-00ee-b5c2-ce5d8ba4b5b0>",
      "from-uri": "sip:bob@example.org",
      "display-name": "Bob",
      "call-id": "c1",
      "sip-from": "Bob",
      "loc-key": "IC_MSG",
      "loc-args": "Bob",
      "send-time": "2027-01-15 08:00:00",
      "custom-payload": expect.any(String),
    });
    expect(JSON.parse(data["custom-payload"])).toMatchObject({ type: "call", callee: "alice", x: "1" });
  });

  it("keeps a Linphone's data to 4096 bytes as well, its text in JSON included", () => {
    const call = aCall({ callId: "c1", profile: "linphone", data: { quotes: '"'.repeat(2_500) } });

    const { data } = messageOf(buildRequest(anAttempt(call, anAndroid()), context));

    expect(data["call-id"]).toBe("c1");
    expect(JSON.parse(data["custom-payload"])).not.toHaveProperty("quotes");
  });
});
