import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aCall, aMessage } from "../../test/fixtures/builders.ts";
import { PUSH_KINDS } from "./push.ts";
import { isSilent } from "./silence.ts";

const muted = (...jids: string[]) => ({ mobile_push_silent_list: jids });
const fromBob = aMessage({ data: { sender_jid: "bob@example.org/phone" } });
const inTeam = aMessage({
  kind: "groupchat",
  data: { room_jid: "team@conference.example.org", sender_jid: "bob@example.org" },
});
const intoTeam = aMessage({ data: { ...inTeam.data } });

describe("isSilent", () => {
  it.each([
    ["nobody is muted", fromBob, {}, false],
    ["the list is empty", fromBob, muted(), false],
    ["the sender is muted, whatever phone he writes from", fromBob, muted("bob@example.org"), true],
    ["the list has a resource too", fromBob, muted("bob@example.org/laptop"), true],
    ["the case differs", fromBob, muted("Bob@Example.ORG"), true],
    ["somebody else is muted", fromBob, muted("carol@example.org"), false],
    ["only the beginning is the same", fromBob, muted("bob@example.or", "bob", "bob@example.org.evil"), false],
    [
      "the sender is known by SIP alone",
      aMessage({ data: { sender_sip: "bob@example.org" } }),
      muted("bob@example.org"),
      true,
    ],
    ["the sender is the caller", aMessage({ data: {}, caller: "bob@example.org" }), muted("bob@example.org"), true],
    ["the room is muted", inTeam, muted("team@conference.example.org"), true],
    ["someone who writes in a room is muted, the room is not", inTeam, muted("bob@example.org"), false],
    ["the muted one invites into a room", intoTeam, muted("bob@example.org"), true],
    ["somebody invites into a muted room", intoTeam, muted("team@conference.example.org"), true],
    ["an empty name stands in the list", aMessage({ data: { sender_jid: "" } }), muted(""), false],
  ])("decides where %s", (_case, request, effective, silent) => {
    expect(isSilent(request, effective)).toBe(silent);
  });

  it.each(PUSH_KINDS)("obeys a platform that wants a %s silently, unless it is a call", (kind) => {
    expect(isSilent(aMessage({ kind, silent: true }), {})).toBe(kind !== "call");
  });

  it("never silences a call, whoever is muted", () => {
    const jid = fc.constantFrom("bob@example.org", "team@conference.example.org", "+4315551234");

    fc.assert(
      fc.property(fc.array(jid), fc.boolean(), jid, (list, silent, caller) => {
        expect(isSilent(aCall({ silent, caller, data: { sender_jid: caller } }), muted(...list))).toBe(false);
      }),
    );
  });
});
