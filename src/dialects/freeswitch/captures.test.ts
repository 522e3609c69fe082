import { describe, expect, it } from "vitest";
import {
  CALL_ID,
  FCM_TOKEN,
  REMOTE_TOKEN,
  VOIP_TOKEN,
  listCaptures,
  readCapture,
} from "../../../test/fixtures/captured-request.ts";
import { createFreeswitchDialect } from "./dialect.ts";

const dialect = createFreeswitchDialect({ paths: ["/compat/freeswitch"] });

const IPHONE = { provider: "apns", environment: "production", app: "com.carusto.mobile.app" };
const CALL = {
  kind: "call",
  callee: "101@local.carusto.com",
  silent: false,
  data: { "content-message": "incomming call" },
  aps: { contentAvailable: true },
  direct: { ...IPHONE, tokens: { voip: VOIP_TOKEN } },
};
const ANDROID_CALL = {
  ...CALL,
  direct: { ...IPHONE, provider: "fcm", tokens: { registration: FCM_TOKEN } },
};

const ACCEPTED: Readonly<Record<string, object>> = {
  "freeswitch/form-voip.http": CALL,
  "freeswitch/form-call-id.http": { ...ANDROID_CALL, callId: CALL_ID },
  "freeswitch/default-template.http": CALL,
  "freeswitch/default-template-no-payload.http": { ...CALL, data: {}, aps: {} },
  "freeswitch/path.http": CALL,
  "freeswitch/get.http": {
    ...CALL,
    caller: "+4315551234",
    callId: CALL_ID,
    data: {
      sender_name: "Alice",
      cid_name: "Alice",
      cid_number: "+4315551234",
      aleg_uuid: "7e6b8c1a-2f5d-00b3-9c1d-1f0e6a7b2c3d",
    },
    aps: {},
  },
  "freeswitch/im.http": {
    kind: "message",
    callee: "100@local.carusto.com",
    silent: false,
    data: {
      "Custom string variable": "test string",
      "Custom integer variable": "1000",
      title: "Some title",
      category: "VOIP",
    },
    aps: { alert: 'Body & "message"', sound: "default", badge: 1 },
    direct: { ...IPHONE, tokens: { remote: REMOTE_TOKEN } },
  },
};

describe("what mod_apn sends", () => {
  it("is all in the table", () => {
    expect(Object.keys(ACCEPTED).toSorted()).toEqual(listCaptures("freeswitch").toSorted());
  });

  it.each(Object.entries(ACCEPTED))("%s is understood", (file, expected) => {
    expect(dialect.read(readCapture(file))).toStrictEqual(expected);
  });
});

const post = (body: string) =>
  dialect.read({
    method: "POST",
    path: "/compat/freeswitch",
    rawQuery: "",
    contentType: undefined,
    body: Buffer.from(body),
  });
const MEMBERS = { type: "voip", user: "101", realm: "example.org", token: VOIP_TOKEN, platform: "ios" };
const form = (changes: object) => new URLSearchParams({ ...MEMBERS, ...changes }).toString();

describe("mod_apn's template", () => {
  it("may be mended into valid JSON", () => {
    const body = JSON.stringify({ ...MEMBERS, app: "a.b", payload: { body: 'a "quoted" {brace', custom: [] } });

    expect(post(body)).toMatchObject({ kind: "call", aps: { alert: 'a "quoted" {brace' }, direct: { app: "a.b" } });
  });

  it("may escape its values, payload and all", () => {
    expect(post(form({ payload: '{"sound":"ring.caf"}', cid_name: "Älice" }))).toMatchObject({
      aps: { sound: "ring.caf" },
      data: { sender_name: "Älice" },
    });
  });

  it("says iPhone or Android by the token, where it does not say the platform", () => {
    expect(post(form({ platform: "" }))).toMatchObject({ direct: { provider: "apns" } });
    expect(post(form({ platform: "", token: FCM_TOKEN.replace(":", "_") }))).toMatchObject({
      direct: { provider: "fcm" },
    });
  });

  it("may say that a token is the sandbox's", () => {
    expect(post(form({ environment: "sandbox" }))).toMatchObject({ direct: { environment: "sandbox" } });
  });

  it("may ask to wake the app in silence", () => {
    expect(post(form({ type: "im", payload: '{"content_available":true}' }))).toMatchObject({
      kind: "message",
      silent: true,
    });
  });

  it.each([
    [form({ type: "sms" }), { code: "invalid_field", details: { field: "type" } }],
    [form({ user: "" }), { code: "missing_field", details: { field: "user" } }],
    [form({ realm: "" }), { code: "missing_field", details: { field: "realm" } }],
    [form({ token: "" }), { code: "missing_field", details: { field: "token" } }],
    [form({ token: "hello" }), { code: "invalid_field", details: { field: "token" } }],
    [form({ platform: "windows" }), { code: "invalid_field", details: { field: "platform" } }],
    ["", { code: "missing_field", details: { field: "type" } }],
  ])("%s is refused with the field", (body, error) => {
    expect(() => post(body)).toThrow(expect.objectContaining(error));
  });
});
