import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CAPTURES, readCapture } from "../../../test/fixtures/captured-request.ts";
import { buildAor } from "../../push/address.ts";
import type { PushRequest } from "../../push/push.ts";
import { createSipwiseDialect } from "./dialect.ts";

/** HTTP/2 frames for the listener's tests. */
const NOT_ONE_REQUEST: ReadonlySet<string> = new Set(["README.md", "ngcp-lua-https-h2.bin"]);

const dialect = createSipwiseDialect({ paths: ["/push", "/mobilepush/"] });

const PROXY_CALL: PushRequest = {
  kind: "call",
  callee: buildAor("43991002", "example.org"),
  caller: "+43 1 99001",
  silent: false,
  data: {},
  aps: {},
};
const SEMS_CALL: PushRequest = { ...PROXY_CALL, callee: buildAor("alice", "example.org"), caller: "+431234567" };
const SEMS_ANONYMOUS: PushRequest = {
  kind: "call",
  callee: buildAor("alice", "example.org"),
  silent: false,
  data: {},
  aps: {},
};

/** `full_message` is the stanza's XML and `pushId` is random, so the tests check both separately. */
function chat(message: string, alert: string, badge: number, changes: Partial<PushRequest> = {}): PushRequest {
  return {
    kind: "message",
    callee: buildAor("bob", "example.org"),
    caller: "alice@example.org",
    silent: false,
    data: { ...ALICE_WRITES, message },
    aps: { alert, sound: "incoming_message.caf", badge },
    ...changes,
  };
}
const fromAlice = (message: string, badge: number, changes: Partial<PushRequest> = {}) =>
  chat(message, `Message from Alice Example:\n${message}`, badge, changes);
const to = (user: string, domain = "example.org") => ({ callee: buildAor(user, domain) });

const ALICE_WRITES = {
  type: "message",
  silent: "0",
  sender_sip: "alice@example.org",
  sender_jid: "alice@example.org",
  sender_name: "Alice Example",
  sender_number: "431001",
};
const ROOM = { room_jid: "team@conference.example.org", room_description: "Team Süd & Co + 1" };
const EMOJI = "Grüße 👋🏽 a&b=c+d 100% <ok> \"q\" 'x' ; / ? #\nsecond line ~_.-*";
const LONG = "0123456789 äöü €. ".repeat(400).slice(0, 6000);
const LUNCH = "Are we still on for lunch?";
const GROUP_LUNCH = "Group lunch at 12? 🍜";
const INVITATION = "Group chat invitation to 'Team Süd & Co + 1' from Alice Example";

const ACCEPTED: Readonly<Record<string, PushRequest>> = {
  "ngcp-lua-call.http": PROXY_CALL,
  "ngcp-lua-https.http": PROXY_CALL,
  "ngcp-lua-call-full.http": {
    ...PROXY_CALL,
    caller: "+4319900123",
    callId: "a84b4c76e66710@pc33.example.org",
    aps: { sound: "incoming_call.caf", contentAvailable: true },
  },
  "ngcp-lua-empty-value.http": { ...SEMS_ANONYMOUS, ...to("43991002") },
  "ngcp-lua-long.http": { ...SEMS_ANONYMOUS, ...to("bob") },
  "ngcp-lua-number.http": { ...SEMS_ANONYMOUS, ...to("43991002") },

  "sems-get.http": SEMS_CALL,
  "sems-get-h2.json": SEMS_CALL,
  "sems-get-url-with-password.http": SEMS_CALL,
  "sems-get-url-with-query.http": SEMS_CALL,
  "sems-get-ampersand.http": { ...SEMS_CALL, caller: "a" },
  "sems-get-empty-caller.http": SEMS_ANONYMOUS,
  "sems-get-equals.http": SEMS_ANONYMOUS,
  "sems-get-percent.http": { ...SEMS_CALL, caller: "50%25%zz" },
  "sems-get-quotes.http": { ...SEMS_CALL, caller: '"431234567"' },
  "sems-get-utf8.http": { ...SEMS_CALL, caller: "Jürgen€" },

  "prosody-message.http": fromAlice(LUNCH, 1),
  "prosody-message-again.http": fromAlice(LUNCH, 2),
  "prosody-message-restart-1.http": fromAlice(LUNCH, 2),
  "prosody-message-restart-2.http": fromAlice(LUNCH, 3),
  "prosody-emoji.http": fromAlice(EMOJI, 3),
  "prosody-long.http": fromAlice(LONG, 4),
  "prosody-attachment.http": fromAlice("new attachment", 5),
  "prosody-chat-extensions.http": fromAlice("with the usual extras", 6),
  "prosody-to-full-jid.http": fromAlice("to a full JID that left", 7),
  "prosody-type-normal.http": fromAlice("no type attribute", 8),
  "prosody-empty-body.http": fromAlice("", 2, to("dave")),
  "prosody-no-preference.http": fromAlice("dave has no preference row", 1, to("dave")),
  "prosody-not-a-subscriber.http": fromAlice("no row in voip_subscribers at all", 1, to("nosubscriber")),
  "prosody-https.http": fromAlice("over TLS", 1, to("bob", "tls-cn.example.org")),
  "prosody-config-url-only.http": chat("pushd_config = { url = … } alone", "", 0, {
    ...to("bob", "url-only.example.org"),
    aps: {},
  }),
  "prosody-silent.http": chat("you muted me", "", 0, {
    ...to("judy"),
    silent: true,
    data: { ...ALICE_WRITES, silent: "1", message: "you muted me" },
    aps: { contentAvailable: true },
  }),
  "prosody-sender-without-number.http": chat(
    "no display name, no alias",
    "Message from erin:\nno display name, no alias",
    9,
    {
      caller: "erin@example.org",
      data: {
        type: "message",
        silent: "0",
        sender_sip: "erin@example.org",
        sender_jid: "erin@example.org",
        sender_name: "erin",
        message: "no display name, no alias",
      },
    },
  ),
  "prosody-sender-utf8-name.http": chat(
    "name and number need escaping",
    "Message from Zoë Müller & Søn 😀:\nname and number need escaping",
    10,
    {
      caller: "zoe@example.org",
      data: {
        type: "message",
        silent: "0",
        sender_sip: "zoe@example.org",
        sender_jid: "zoe@example.org",
        sender_name: "Zoë Müller & Søn 😀",
        sender_number: "+436991234567",
        message: "name and number need escaping",
      },
    },
  ),
  "prosody-sender-foreign.http": chat(
    "from outside the platform",
    "Message from mallory@gateway.example.com:\nfrom outside the platform",
    11,
    {
      caller: "mallory@gateway.example.com",
      data: {
        type: "message",
        silent: "0",
        sender_sip: "mallory@gateway.example.com",
        sender_jid: "mallory@gateway.example.com",
        message: "from outside the platform",
      },
    },
  ),
  "prosody-invite-direct.http": fromAlice("alice invites you to team@conference.example.org", 3, {
    ...to("dave"),
    data: { ...ALICE_WRITES, ...ROOM, message: "alice invites you to team@conference.example.org" },
  }),
  "prosody-invite-sibling.http": chat(INVITATION, INVITATION, 4, {
    ...to("dave"),
    kind: "invite",
    data: { ...ALICE_WRITES, ...ROOM, type: "invite", message: INVITATION },
  }),
  "prosody-groupchat.http": {
    kind: "groupchat",
    ...to("bob"),
    silent: false,
    data: { type: "groupchat", silent: "0", message: GROUP_LUNCH, ...ROOM },
    aps: { alert: `Message from Team Süd & Co + 1:\n${GROUP_LUNCH}`, sound: "incoming_message.caf", badge: 1 },
  },
  "prosody-groupchat-silent.http": {
    kind: "groupchat",
    ...to("judy"),
    silent: true,
    data: { type: "groupchat", silent: "1", message: GROUP_LUNCH, ...ROOM },
    aps: { contentAvailable: true },
  },
};

const missing = (details: { field: string; hint?: unknown }) => ({ code: "missing_field", details });
const hinted = (hint: RegExp) => missing({ field: "callee", hint: expect.stringMatching(hint) });

const NO_CALLEE = missing({ field: "callee" });
const LAST_VARIABLE_ONLY = hinted(/use_post=yes.*last variable only: set use_post=no/);

const REFUSED: Readonly<Record<string, ReturnType<typeof missing>>> = {
  "ngcp-lua-empty-table.http": NO_CALLEE,
  "ngcp-lua-escapes.http": NO_CALLEE,
  "ngcp-lua-unescaped-key.http": NO_CALLEE,
  "sems-get-hash.http": hinted(/# in a value/),
  "sems-get-no-params.http": hinted(/P-App-Param has to hold caller, callee and domain, without a space/),
  "sems-post-before-2024-07.http": hinted(/before July 2024.*set use_post=no/),
  "sems-post.http": LAST_VARIABLE_ONLY,
  "sems-post-h2.json": LAST_VARIABLE_ONLY,
  "sems-post-spaces.http": LAST_VARIABLE_ONLY,
  "sems-post-utf8.http": LAST_VARIABLE_ONLY,
  "sems-post-empty-caller.http": LAST_VARIABLE_ONLY,
};

describe("the captured requests", () => {
  it("are all in one of the tables", () => {
    const files = readdirSync(CAPTURES).filter((name) => name.includes(".") && !NOT_ONE_REQUEST.has(name));

    expect([...Object.keys(ACCEPTED), ...Object.keys(REFUSED)].toSorted()).toEqual(files.toSorted());
  });

  it.each(Object.keys(ACCEPTED))("reads what %s asks for", (file) => {
    const { pushId, ...read } = dialect.read(readCapture(file));
    const { full_message: stanza, ...data } = read.data;

    expect({ ...read, data }).toStrictEqual(ACCEPTED[file]);
    expect(pushId === undefined).toBe(!file.startsWith("prosody-"));
    expect(stanza === undefined).toBe(!file.startsWith("prosody-"));
  });

  it("keep the push id and the stanza that Prosody sent", () => {
    const read = dialect.read(readCapture("prosody-message.http"));

    expect(read.pushId).toBe("47dd2c70-2bdd-4c7c-88b7-157b3973c8fa");
    expect(read.data["full_message"]).toBe(
      "<message id='m1' from='alice@example.org/phone' xml:lang='en' type='chat' to='bob@example.org'>" +
        "<body>Are we still on for lunch?</body></message>",
    );
  });

  it.each(Object.keys(REFUSED))("says what is wrong with %s", (file) => {
    expect(() => dialect.read(readCapture(file))).toThrow(expect.objectContaining(REFUSED[file] ?? {}));
  });
});
