import { describe, expect, it } from "vitest";
import {
  CALL_ID,
  FCM_TOKEN,
  REMOTE_TOKEN,
  VOIP_TOKEN,
  listCaptures,
  readCapture,
} from "../../../test/fixtures/captured-request.ts";
import type { ForeignRequest } from "../../gateway/dialect.ts";
import type { PushRequest } from "../../push/push.ts";
import { createFlexisipDialect } from "./dialect.ts";

const dialect = createFlexisipDialect({ paths: ["/compat/flexisip"], profile: "linphone" });
const INSTANCE = "urn:uuid:f0dec3ea-bd4c-00ee-b5c2-ce5d8ba4b5b0";

/** A push from Alice to Bob's phone. */
const fromAlice = (changes: object) => ({
  kind: "call",
  callee: "bob@example.org",
  caller: "sip:+4315551234@example.org",
  callId: CALL_ID,
  silent: false,
  profile: "linphone",
  ...changes,
});
const iphone = (tokens: object, changes: object = {}) => ({
  provider: "apns",
  tokens,
  environment: "production",
  app: "org.linphone.phone",
  deviceId: INSTANCE,
  ...changes,
});
const android = (changes: object = {}) => ({
  provider: "fcm",
  tokens: { registration: FCM_TOKEN },
  environment: "production",
  ...changes,
});
const ALICE = { sender_name: "Alice Exämple & Co", from_tag: "sdf987q" };
const NAMELESS = { callee: expect.stringMatching(/^phone-[0-9a-f]{16}@unknown\.invalid$/) };
const { deviceId: _deviceId, ...withoutInstance } = iphone({ remote: REMOTE_TOKEN });

const ACCEPTED: Readonly<Record<string, object>> = {
  "flexisip/call-voip-h2.json": fromAlice({
    data: { ...ALICE, loc_key: "IC_MSG" },
    aps: { sound: "notes_of_the_optimistic.caf" },
    direct: iphone({ voip: VOIP_TOKEN }),
  }),
  "flexisip/call-firebase-h2.json": fromAlice({ data: ALICE, aps: {}, direct: android({ deviceId: INSTANCE }) }),
  "flexisip/call-no-caller-h2.json": {
    kind: "call",
    callee: "bob@example.org",
    callId: CALL_ID,
    silent: false,
    data: { from_tag: "sdf987q", loc_key: "IC_MSG" },
    aps: {},
    direct: withoutInstance,
    profile: "linphone",
  },
  // The sample contains `$callid`, which Flexisip does not fill in.
  "flexisip/documented-sample.http": {
    kind: "call",
    callee: "bob@example.org",
    caller: "sip:+4315551234@example.org",
    silent: false,
    data: { from_tag: "sdf987q" },
    aps: {},
    direct: android(),
    profile: "linphone",
  },
  "flexisip/message-h2.json": fromAlice({
    kind: "message",
    data: { ...ALICE, loc_key: "IM_MSG", message: "Grüße & was ist mit dem Essen?" },
    aps: { sound: "msg.caf" },
    direct: iphone({ remote: REMOTE_TOKEN }, { environment: "sandbox" }),
  }),
  "flexisip/message.http": fromAlice({
    kind: "message",
    data: { ...ALICE, message: "..." },
    aps: {},
    direct: android({ deviceId: INSTANCE }),
  }),
  "flexisip/missed-call-h2.json": fromAlice({
    kind: "message",
    data: { ...ALICE, loc_key: "Missing call" },
    aps: {},
    direct: iphone({ remote: REMOTE_TOKEN }),
  }),
  "flexisip/register-wakeup-h2.json": {
    kind: "message",
    callee: "bob@10.0.0.7",
    caller: "sip:bob@10.0.0.7:5060",
    callId: CALL_ID,
    silent: true,
    data: {},
    aps: {},
    direct: withoutInstance,
    profile: "linphone",
  },
  "flexisip/flexiapi-call-h2.json": {
    ...NAMELESS,
    kind: "call",
    callId: CALL_ID,
    silent: false,
    data: {},
    aps: {},
    direct: { ...withoutInstance, tokens: { voip: VOIP_TOKEN } },
    profile: "linphone",
  },
  "flexisip/flexiapi-message-h2.json": {
    ...NAMELESS,
    kind: "message",
    callId: CALL_ID,
    silent: false,
    data: {},
    aps: {},
    direct: { ...withoutInstance, environment: "sandbox" },
    profile: "linphone",
  },
  "flexisip/flexiapi-fcm-h2.json": {
    kind: "call",
    callee: expect.stringMatching(/^phone-[0-9a-f]{16}@example\.org$/),
    callId: CALL_ID,
    silent: false,
    data: {},
    aps: {},
    direct: android(),
    profile: "linphone",
  },
  "flexisip/flexiapi-wakeup-h2.json": {
    ...NAMELESS,
    kind: "message",
    silent: true,
    data: {},
    aps: {},
    direct: withoutInstance,
    profile: "linphone",
  },
};

const REFUSED: Readonly<Record<string, object>> = {
  "flexisip/template-without-token.http": { code: "missing_field", details: { field: "token" } },
};

describe("what Flexisip sends", () => {
  it("is all in one of the tables", () => {
    expect([...Object.keys(ACCEPTED), ...Object.keys(REFUSED)].toSorted()).toEqual(listCaptures("flexisip").toSorted());
  });

  it.each(Object.entries(ACCEPTED))("%s is understood", (file, expected) => {
    expect(dialect.read(readCapture(file))).toStrictEqual(expected);
  });

  it.each(Object.entries(REFUSED))("%s is refused with what it lacks", (file, error) => {
    expect(() => dialect.read(readCapture(file))).toThrow(expect.objectContaining(error));
  });
});

const ask = (target: string, body = "", method: "GET" | "POST" = "GET"): PushRequest => {
  const [path = "", rawQuery = ""] = target.split("?");
  const request: ForeignRequest = { method, path, rawQuery, contentType: "text/plain", body: Buffer.from(body) };
  return dialect.read(request);
};
const flexiapi = (members: object) => ask("/compat/flexisip/push_notification", JSON.stringify(members), "POST");

describe("a template of the operator's own", () => {
  it("may have the type and the event in the query", () => {
    const { kind, direct } = ask(`/compat/flexisip?type=apple&event=message&token=${REMOTE_TOKEN}&app-id=a.b.prod`);

    expect({ kind, direct }).toMatchObject({ kind: "message", direct: { app: "a.b" } });
  });

  it("may leave a placeholder unfilled that Flexisip does not know", () => {
    expect(ask(`/compat/flexisip/firebase/call?token=${FCM_TOKEN}&callid=$callid`)).not.toHaveProperty("callId");
  });

  it.each([
    ["/compat/flexisip/wp/call?token=x", { code: "invalid_field", details: { field: "type" } }],
    [`/compat/flexisip/apple/ring?token=${VOIP_TOKEN}`, { code: "invalid_field", details: { field: "event" } }],
    ["/compat/flexisip/apple/call?token=%3Cinvalid%3E", { code: "invalid_field", details: { field: "token" } }],
    ["/compat/flexisip/apple/call", { code: "missing_field", details: { field: "token" } }],
    ["/compat/flexisip", { code: "missing_field", details: { field: "type" } }],
    [`/compat/flexisip/apple/call?token=${VOIP_TOKEN}&token=${REMOTE_TOKEN}`, { code: "repeated_field" }],
    [`/compat/flexisip/apple/call?token=${VOIP_TOKEN}&call-id=a%00b`, { code: "invalid_field" }],
    [`/compat/flexisip/apple/call?token=${VOIP_TOKEN}&app-id=a%2Fb`, { code: "invalid_field" }],
  ])("%s is refused with the field", (target, error) => {
    expect(() => ask(target)).toThrow(expect.objectContaining(error));
  });
});

describe("FlexiAPI", () => {
  it.each([
    [{}, "pn_provider"],
    [{ pn_provider: "apns", pn_prid: VOIP_TOKEN }, "type"],
    [{ pn_provider: "fcm", pn_prid: null, type: "call" }, "pn_prid"],
    [{ pn_provider: "webpush", pn_prid: "x", type: "call" }, "pn_prid"],
    [{ pn_provider: "fcm", pn_prid: FCM_TOKEN, type: "ring" }, "type"],
  ])("%j is refused for its %s", (members, field) => {
    expect(() => flexiapi(members)).toThrow(expect.objectContaining({ details: { field } }));
  });

  it.each(["", "[]", "{", "7"])("takes no body %j", (body) => {
    expect(() => ask("/compat/flexisip/push_notification", body, "POST")).toThrow(
      expect.objectContaining({ code: "invalid_json" }),
    );
  });

  it("names the same phone alike, and another one differently", () => {
    const phone = { pn_provider: "fcm", type: "call" };
    const [one, again, other] = [FCM_TOKEN, FCM_TOKEN, `${FCM_TOKEN}x`].map((pn_prid) =>
      flexiapi({ ...phone, pn_prid }),
    );

    expect(again?.callee).toBe(one?.callee);
    expect(other?.callee).not.toBe(one?.callee);
  });
});
