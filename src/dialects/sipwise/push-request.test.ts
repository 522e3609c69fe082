import { describe, expect, it } from "vitest";
import type { ForeignRequest } from "../../gateway/dialect.ts";
import { GatewayError } from "../../gateway/errors.ts";
import type { PushRequest } from "../../push/push.ts";
import { listIgnoredFields, readPushRequest } from "./push-request.ts";

const POST: ForeignRequest = { method: "POST", path: "/push", rawQuery: "", contentType: undefined, body: Buffer.of() };

function read(given: Readonly<Record<string, string>>): PushRequest {
  const fields = Object.entries({ callee: "alice", domain: "example.org", ...given });
  return readPushRequest(
    fields.map(([name, value]) => ({ name, value })),
    POST,
  );
}

function refusedField(given: Readonly<Record<string, string>>): string {
  try {
    read(given);
  } catch (error) {
    if (error instanceof GatewayError && error.code === "invalid_field") return error.details.field ?? "";
    throw error;
  }
  throw new Error("The request was accepted.");
}

describe("the kind", () => {
  it.each([
    [{}, "call"],
    [{ data_type: "" }, "call"],
    [{ data_type: "call" }, "call"],
    [{ data_type: "message" }, "message"],
    [{ data_type: "groupchat" }, "groupchat"],
    [{ data_type: "invite" }, "invite"],
    [{ gcm_data_type: "invite" }, "invite"],
  ])("for %j is %s", (given, kind) => {
    expect(read(given).kind).toBe(kind);
  });

  it("is refused where it is unknown, under the name that was sent", () => {
    expect(refusedField({ data_type: "headline" })).toBe("data_type");
    expect(refusedField({ gcm_data_type: "headline" })).toBe("gcm_data_type");
  });
});

describe("data", () => {
  it("takes the spelling of 2014, but rather today's", () => {
    const given = { data_message: "new", gcm_data_message: "old", gcm_data_room_jid: "r", gcm_data_type: "groupchat" };

    expect(read(given).data).toEqual({ type: "groupchat", message: "new", room_jid: "r" });
  });

  it("leaves out what says nothing, but never an empty message", () => {
    const given = {
      data_type: "message",
      data_message: "",
      data_sender_name: "",
      data_sender_number: "nil",
      data_: "x",
    };

    expect(read(given).data).toEqual({ type: "message", message: "" });
  });

  it("keeps a message that reads nil", () => {
    expect(read({ data_type: "message", data_message: "nil" }).data["message"]).toBe("nil");
  });

  it("of a call holds what was sent, without the kind and the silence that no call has", () => {
    expect(read({ data_type: "call", data_silent: "1", data_x: "y" }).data).toEqual({ x: "y" });
  });

  it("says silent in Sipwise's own words", () => {
    expect(read({ data_type: "message", data_silent: "true" }).data["silent"]).toBe("1");
    expect(read({ data_type: "message", data_silent: "false" }).data["silent"]).toBe("0");
  });
});

describe("silence", () => {
  it.each([
    [{ data_silent: "1" }, true],
    [{ data_silent: "true" }, true],
    [{ data_silent: "0" }, false],
    [{ data_silent: "false" }, false],
    [{ data_silent: "" }, false],
    [{ "apns_content-available": "1" }, true],
    [{ apns_content_available: "true", apns_alert: "" }, true],
    [{ "apns_content-available": "1", apns_alert: "Hi" }, false],
    [{ "apns_content-available": "1", apns_sound: "a.caf" }, false],
    [{ "apns_content-available": "1", apns_badge: "0" }, false],
    [{ "apns_content-available": "0" }, false],
  ])("of a message with %j is %s", (given, silent) => {
    expect(read({ data_type: "message", ...given }).silent).toBe(silent);
    expect(read(given).silent).toBe(false);
  });

  it.each(["2", "yes", "nil"])("is refused where it is %s", (flag) => {
    expect(refusedField({ data_silent: flag })).toBe("data_silent");
    expect(refusedField({ "apns_content-available": flag })).toBe("apns_content-available");
    expect(refusedField({ apns_content_available: flag })).toBe("apns_content_available");
  });
});

describe("wishes without effect", () => {
  const ignored = (given: Readonly<Record<string, string>>) =>
    listIgnoredFields(Object.entries(given).map(([name, value]) => ({ name, value })));

  it("are Apple's headers, which are the gateway's", () => {
    expect(ignored({ apns_topic: "x", "apns_push-type": "alert", apns_priority: "", apns_alert: "A" })).toEqual([
      "apns_topic",
      "apns_push-type",
    ]);
  });

  it("are a collapse id of a call, and not one of a message", () => {
    expect(ignored({ "apns_collapse-id": "c" })).toEqual(["apns_collapse-id"]);
    expect(ignored({ "apns_collapse-id": "c", data_type: "message" })).toEqual([]);
  });
});

describe("the wishes for aps", () => {
  it("have Apple's types; its headers are the gateway's", () => {
    const given = {
      apns_alert: "A",
      apns_sound: "s.caf",
      apns_badge: "03",
      apns_content_available: "1",
      apns_topic: "x",
    };

    expect(read(given).aps).toStrictEqual({ alert: "A", sound: "s.caf", badge: 3, contentAvailable: true });
    expect(read({ apns_alert: "", apns_sound: "", apns_badge: "" }).aps).toStrictEqual({});
  });

  it("honour what a conversation is sorted, changed and shown by", () => {
    const given = {
      apns_alert: "A",
      "apns_mutable-content": "1",
      apns_category: "CHAT",
      "apns_thread-id": "room-42",
      apns_interruption_level: "time-sensitive",
      "apns_relevance-score": "0.5",
      "apns_target-content-id": "room",
      "apns_collapse-id": "c1",
      data_type: "message",
    };

    expect(read(given)).toMatchObject({
      content: { collapseId: "c1" },
      aps: {
        alert: "A",
        mutableContent: true,
        category: "CHAT",
        threadId: "room-42",
        interruptionLevel: "time-sensitive",
        others: { "relevance-score": 0.5, "target-content-id": "room" },
      },
    });
    expect(refusedField({ "apns_interruption-level": "loud" })).toBe("apns_interruption-level");
  });

  it.each([
    [{ data_room_description: "Lunch", data_room_jid: "r@c.example.org" }, "Message from Lunch:\nHi"],
    [{ data_room_jid: "r@c.example.org/bob" }, "Message from bob:\nHi"],
    [{ data_room_jid: "r@c.example.org" }, "Message from r@c.example.org:\nHi"],
    [{ data_sender_jid: "bob@example.org" }, "Message from bob@example.org:\nHi"],
    [{ data_sender_name: "$& Bob" }, "Message from $& Bob:\nHi"],
    [{}, "Message from :\nHi"],
  ])("name the sender whom the platform left out: %j", (known, alert) => {
    const given = { apns_alert: "Message from :\nHi", data_type: "groupchat", ...known };

    expect(read(given).aps.alert).toBe(alert);
    expect(read({ ...given, apns_alert: "Message from :-) Bob" }).aps.alert).toBe("Message from :-) Bob");
  });

  it.each(["x", "-1", "1.5", "1e3", " 1", "9".repeat(10)])("refuse the badge %s", (badge) => {
    expect(refusedField({ apns_badge: badge })).toBe("apns_badge");
  });
});

describe("the caller", () => {
  it.each([
    [{ caller: "bob" }, "bob"],
    [{ caller: "" }, undefined],
    [{ data_sender_sip: "bob@example.org" }, undefined],
    [{ data_type: "message", caller: "1", data_sender_sip: "s" }, "1"],
    [{ data_type: "message", caller: "", data_sender_sip: "s", data_sender_jid: "j" }, "s"],
    [{ data_type: "message", data_sender_sip: "", data_sender_jid: "j" }, "j"],
    [{ data_type: "groupchat" }, undefined],
  ])("of %j is %s", (given, caller) => {
    expect(read(given).caller).toBe(caller);
  });

  it("is refused where it is longer than any number or name", () => {
    expect(refusedField({ caller: "x".repeat(1025) })).toBe("caller");
  });
});

describe("the ids", () => {
  it("are taken as they are; empty is absent", () => {
    expect(read({ push_id: "ü 1", call_id: "a@b" })).toMatchObject({ pushId: "ü 1", callId: "a@b" });
    expect(read({ push_id: "", call_id: "" })).not.toHaveProperty("pushId");
    expect(read({ push_id: "", call_id: "" })).not.toHaveProperty("callId");
  });

  it.each([
    ["push_id", "x".repeat(129)],
    ["push_id", "a\nb"],
    ["call_id", "x".repeat(256)],
    ["call_id", "\u0000"],
  ])("are refused where they are too long or not printable: %s", (name, id) => {
    expect(refusedField({ [name]: id })).toBe(name);
  });
});
