import { describe, expect, it } from "vitest";
import {
  CALL_ID,
  FCM_TOKEN,
  REMOTE_TOKEN,
  VOIP_TOKEN,
  listCaptures,
  readCapture,
} from "../../../test/fixtures/captured-request.ts";
import { GatewayError } from "../../gateway/errors.ts";
import { createSylkDialect } from "./dialect.ts";

const dialect = createSylkDialect({ paths: ["/compat/sylk"] });

const INSTANCE = "urn:uuid:f0dec3ea-bd4c-00ee-b5c2-ce5d8ba4b5b0";
const DATA = {
  event: "incoming_session",
  "call-id": CALL_ID,
  "session-id": expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  "media-type": "video",
  from_uri: "alice@example.com",
  from_display_name: "Alice Example",
  to_uri: "bob@biloxi.com",
  sender_name: "Alice Example",
};
const CALL = {
  kind: "call",
  callee: "bob@biloxi.com",
  caller: "alice@example.com",
  callId: CALL_ID,
  silent: false,
  data: DATA,
  aps: {},
};
const IPHONE = {
  provider: "apns",
  environment: "production",
  app: "com.agprojects.sylk-ios",
  deviceId: INSTANCE,
  tokens: { voip: VOIP_TOKEN },
};
const ANDROID = { ...IPHONE, provider: "fcm", app: "com.agprojects.sylk", tokens: { registration: FCM_TOKEN } };
const AUDIO = { ...DATA, "media-type": "audio" };

const PUSHES: Readonly<Record<string, object>> = {
  "sylk/v1-call-apple.http": { ...CALL, direct: IPHONE },
  "sylk/v1-call-both-tokens.http": {
    ...CALL,
    direct: { ...IPHONE, environment: "sandbox", tokens: { voip: VOIP_TOKEN, remote: REMOTE_TOKEN } },
  },
  "sylk/v1-call-firebase.http": {
    ...CALL,
    data: { ...DATA, from_display_name: "alice@example.com", sender_name: "alice@example.com" },
    direct: ANDROID,
  },
  "sylk/v1-cancel.http": {
    ...CALL,
    kind: "call_end",
    silent: true,
    ttlMs: 60_000,
    data: { ...DATA, event: "cancel" },
    direct: { ...IPHONE, tokens: { remote: REMOTE_TOKEN } },
  },
  "sylk/v1-readme.http": {
    ...CALL,
    callId: "4dbe8-7a53-42bd-95f3-9a7d43938",
    data: { ...AUDIO, "call-id": "4dbe8-7a53-42bd-95f3-9a7d43938", from_display_name: "Alice", sender_name: "Alice" },
    direct: { ...IPHONE, deviceId: "accc8375125582aae062353" },
  },
  "sylk/v1-sylkserver-conference.http": {
    ...CALL,
    callee: "room@videoconference.example.com",
    data: { ...DATA, event: "incoming_conference_request", to_uri: "room@videoconference.example.com" },
    direct: { ...ANDROID, deviceId: "accc8375125582aae062353" },
  },
  "sylk/v2-push.http": { ...CALL, data: AUDIO },
  "sylk/v2-push-device.http": { ...CALL, data: AUDIO, deviceId: "accc8375125582aae062353" },
  "sylk/v2-cancel.http": {
    ...CALL,
    kind: "call_end",
    silent: true,
    ttlMs: 60_000,
    data: { ...AUDIO, event: "cancel", reason: "Call completed elsewhere" },
  },
  "sylk/v2-message.http": {
    ...CALL,
    kind: "message",
    data: { ...AUDIO, event: "message", "media-type": "sms" },
    aps: { alert: "New message from Alice Example", badge: 3 },
  },
};

const ORDERS: Readonly<Record<string, object>> = {
  "sylk/v2-add.http": {
    kind: "register",
    device: {
      subscriber: "bob@biloxi.com",
      id: "accc8375125582aae062353",
      provider: "apns",
      tokens: { voip: VOIP_TOKEN, remote: REMOTE_TOKEN },
      environment: "production",
      app: "com.agprojects.sylk-ios",
    },
  },
  "sylk/v2-remove.http": { kind: "unregister", subscriber: "bob@biloxi.com", deviceId: "accc8375125582aae062353" },
};

describe("what Sylk's clients send", () => {
  it("is all in one of the tables", () => {
    const files = [...Object.keys(PUSHES), ...Object.keys(ORDERS)];

    expect(files.toSorted()).toEqual(listCaptures("sylk").toSorted());
  });

  it.each(Object.entries(PUSHES))("%s is a push", (file, expected) => {
    const request = readCapture(file);

    expect(dialect.readDevice?.(request)).toBeUndefined();
    expect(dialect.read(request)).toStrictEqual(expected);
  });

  it.each(Object.entries(ORDERS))("%s is about a device", (file, expected) => {
    expect(dialect.readDevice?.(readCapture(file))).toStrictEqual(expected);
  });

  it.each([
    ["sylk/v1-cancel.http", { kind: "cancelled" }],
    ["sylk/v2-cancel.http", { kind: "answered" }],
  ])("%s ends a call, and is told to the phones in Sylk's words", (file, event) => {
    const notice = dialect.readCallNotice?.(readCapture(file));

    expect(notice).toEqual({ selector: { id: CALL_ID, callee: "bob@biloxi.com" }, event, push: PUSHES[file] });
  });

  it.each(["sylk/v2-push.http", "sylk/v2-message.http", "sylk/v2-add.http", "sylk/v2-remove.http"])(
    "%s ends no call",
    (file) => {
      expect(dialect.readCallNotice?.(readCapture(file))).toBeUndefined();
    },
  );
});

const at = (path: string, members: object, method: "POST" | "DELETE" = "POST") => ({
  method,
  path,
  rawQuery: "",
  contentType: "application/json",
  body: Buffer.from(JSON.stringify(members)),
});
const MEMBERS = { "app-id": "a.b", platform: "ios", token: VOIP_TOKEN, "call-id": "1", from: "a@b.example" };

describe("Sylk's API", () => {
  it("has a session id as Sylk's apps work it out", () => {
    const { data } = dialect.read(at("/compat/sylk/push", { ...MEMBERS, "call-id": "hello" }));

    expect(data["session-id"]).toBe("5d41402a-bc4b-2a76-b971-9d911017c592");
  });

  it("takes who is called for a name alone, where it is no address", () => {
    expect(dialect.read(at("/compat/sylk/push", { ...MEMBERS, to: "room" }))).toMatchObject({
      callee: expect.stringMatching(/@unknown\.invalid$/),
    });
  });

  it("ends the call of that id, where it does not say whose", () => {
    const notice = dialect.readCallNotice?.(at("/compat/sylk/push", { ...MEMBERS, event: "cancel" }));

    expect(notice?.selector).toEqual({ id: "1" });
  });

  it.each([
    ["app-id", { ...MEMBERS, "app-id": "" }],
    ["platform", { ...MEMBERS, platform: "windows" }],
    ["token", { ...MEMBERS, token: "hello" }],
    ["event", { ...MEMBERS, event: "dance" }],
    ["call-id", { ...MEMBERS, "call-id": null }],
    ["from", { ...MEMBERS, from: undefined }],
  ])("refuses a push for its %s", (field, members) => {
    expect(() => dialect.read(at("/compat/sylk/push", members))).toThrow(
      expect.objectContaining({ details: { field } }),
    );
  });

  it.each([
    [at("/compat/sylk/push", {}, "DELETE"), "method_not_allowed"],
    [at("/compat/sylk", {}), "not_found"],
    [at("/compat/sylk/v2/tokens", {}), "not_found"],
    [at("/compat/sylk/v2/tokens/bob@b.example/pull", {}), "not_found"],
    [at("/compat/sylk/v2/tokens/bob@b.example/push/phone/twice", MEMBERS), "not_found"],
  ])("refuses %j", (request, code) => {
    expect(dialect.readDevice?.(request)).toBeUndefined();
    expect(() => dialect.read(request)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    [at("/compat/sylk/v2/tokens/bob", MEMBERS), "account"],
    [at("/compat/sylk/v2/tokens/bob@b.example", MEMBERS), "device-id"],
    [at("/compat/sylk/v2/tokens/bob@b.example", { ...MEMBERS, "device-id": "a b" }), "device-id"],
    [at("/compat/sylk/v2/tokens/bob@b.example", {}, "DELETE"), "device-id"],
  ])("refuses a device in %j for its %s", (request, field) => {
    expect(() => dialect.readDevice?.(request)).toThrow(expect.objectContaining({ details: { field } }));
  });
});

describe("the answer", () => {
  it.each([
    [{ kind: "pushed", receipt: { kind: "accepted", id: "7", state: "pending" } }, 200, "push accepted: 7"],
    [{ kind: "registered", created: true }, 200, "token added"],
    [{ kind: "registered", created: false }, 200, "token updated"],
    [{ kind: "unregistered", removed: true }, 200, "token removed"],
    [{ kind: "unregistered", removed: false }, 404, "Not found"],
    [{ kind: "refused", error: new GatewayError("no_device", "Nobody."), status: 404 }, 404, "Nobody."],
  ] as const)("to %j is %i %s", (result, code, description) => {
    const answer = dialect.answer?.(result);

    expect(answer).toMatchObject({ status: code, contentType: "application/json" });
    expect(JSON.parse(answer?.body ?? "")).toEqual({ code, description, data: {} });
  });
});
