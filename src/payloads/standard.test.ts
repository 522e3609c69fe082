import { describe, expect, it } from "vitest";
import { aCall, aMessage, aPush } from "../../test/fixtures/builders.ts";
import { buildAlertText } from "./apple.ts";
import { buildAppData } from "./standard.ts";
import { buildCallUuid } from "../push/uuids.ts";

describe("buildAppData", () => {
  it("tells the app of a call who calls whom, and until when", () => {
    const request = aCall({ caller: "+4315551234", callId: "a84b4c76e66710", data: { skill: "sales" } });

    expect(buildAppData(aPush({ id: "p-1", request, acceptedAt: 1_000, deadline: 61_000 }))).toEqual({
      skill: "sales",
      push_id: "p-1",
      type: "call",
      callee: "alice",
      domain: "example.org",
      caller: "+4315551234",
      call_id: "a84b4c76e66710",
      call_uuid: buildCallUuid("a84b4c76e66710"),
      sent_at: "1000",
      expires_at: "61000",
    });
  });

  it("leaves out of a call what nobody said", () => {
    const { caller: _caller, ...anonymous } = aCall();

    const data = buildAppData(aPush({ request: anonymous }));

    const always = ["call_id", "call_uuid", "callee", "domain", "expires_at", "push_id", "sent_at", "type"];
    expect(Object.keys(data).toSorted()).toEqual(always);
  });

  it("names a call by its push where the platform has no Call-ID, and says where to ask for it", () => {
    const request = aCall({ callUrl: "https://push.example.org/v1/calls/p-1?token=t" });

    expect(buildAppData(aPush({ id: "p-1", request }))).toMatchObject({
      call_id: "p-1",
      call_uuid: buildCallUuid("p-1"),
      call_url: "https://push.example.org/v1/calls/p-1?token=t",
    });
  });

  it("tells how a call has ended under the name that it rang with", () => {
    const request = aCall({ kind: "call_end", callId: "c-1", silent: true, data: { event: "answered_elsewhere" } });

    expect(buildAppData(aPush({ id: "p-2", request }))).toEqual({
      event: "answered_elsewhere",
      push_id: "p-2",
      type: "call_end",
      call_id: "c-1",
      call_uuid: buildCallUuid("c-1"),
    });
  });

  it("adds to a message only its id and type", () => {
    const request = aMessage({ kind: "groupchat", data: { message: "hi" } });

    expect(buildAppData(aPush({ id: "p-1", request }))).toEqual({ message: "hi", push_id: "p-1", type: "groupchat" });
  });

  it("keeps the platform's own type", () => {
    expect(buildAppData(aPush({ request: aMessage({ data: { type: "chat" } }) }))["type"]).toBe("chat");
  });

  it("does not let the platform's data pose as the gateway's", () => {
    const data = buildAppData(
      aPush({ id: "p-1", request: aCall({ data: { push_id: "forged", expires_at: "0", callee: "bob" } }) }),
    );

    expect(data).toMatchObject({ push_id: "p-1", callee: "alice" });
    expect(data["expires_at"]).not.toBe("0");
  });
});

describe("buildAlertText", () => {
  it.each([
    [aCall(), "Call from +4315551234"],
    [aCall({ caller: "" }), "Incoming call"],
    [aCall({ data: { sender_name: "Bob" } }), "Call from Bob"],
    [
      aMessage({ data: { message: "Lunch?", sender_name: "Bob", sender_number: "431001" } }),
      "Message from Bob:\nLunch?",
    ],
    [
      aMessage({ data: { message: "Lunch?", sender_name: "", sender_number: "431001" } }),
      "Message from 431001:\nLunch?",
    ],
    [aMessage({ data: { message: "Lunch?" }, caller: "bob@example.org" }), "Message from bob@example.org:\nLunch?"],
    [aMessage({ data: { message: "Lunch?", room_description: "Team" } }), "Message from Team:\nLunch?"],
    [aMessage({ data: { message: "Lunch?" } }), "Lunch?"],
    [aMessage({ data: {} }), "New message"],
  ])("words %o as %j", (request, text) => {
    expect(buildAlertText(request)).toBe(text);
  });
});
