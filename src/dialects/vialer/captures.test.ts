import { describe, expect, it } from "vitest";
import { FCM_TOKEN, VOIP_TOKEN, listCaptures, readCapture } from "../../../test/fixtures/captured-request.ts";
import type { ForeignRequest } from "../../gateway/dialect.ts";
import { createVialerDialect } from "./dialect.ts";

const dialect = createVialerDialect({ paths: ["/compat/vialer"] });

const UNIQUE_KEY = "sduiqayduiryqwuioeryqwer76789";
const SUBSCRIBER = "123456789@sip.example.org";
const DATA = { response_api: "/compat/vialer/sip.example.org/api/call-response/" };
const CALL = { kind: "call", callee: SUBSCRIBER, silent: false, aps: {}, data: DATA };
const NAMED = { callId: UNIQUE_KEY, data: { ...DATA, sender_name: "Test name" } };

const CALLS: Readonly<Record<string, object>> = {
  "vialer/incoming-call.http": { ...CALL, ...NAMED, caller: "0123456789" },
  "vialer/incoming-call-json.http": { ...CALL, ...NAMED, caller: "+31123456789" },
  "vialer/incoming-call-plus.http": { ...CALL, caller: "+31123456789" },
};

const RESPONSES: Readonly<Record<string, string>> = {
  "vialer/call-response-iphone.http": "registered",
  "vialer/call-response-iphone-busy.http": "declined",
  "vialer/call-response-android.http": "registered",
  "vialer/call-response-android-busy.http": "declined",
  "vialer/call-response-usual.http": "registered",
};

const PHONE = { subscriber: SUBSCRIBER, environment: "production", app: "com.voipgrid.vialer" };
const IPHONE = {
  ...PHONE,
  id: expect.stringMatching(/^vialer-[0-9a-f]{16}$/),
  provider: "apns",
  tokens: { voip: VOIP_TOKEN },
  name: "Karin's iPhone",
};
const ANDROID = { ...IPHONE, provider: "fcm", tokens: { registration: FCM_TOKEN }, name: "Karin" };
const REMOVAL = { kind: "unregister", subscriber: SUBSCRIBER, deviceId: IPHONE.id };

const ORDERS: Readonly<Record<string, object>> = {
  "vialer/apns-device.http": { kind: "register", device: IPHONE },
  "vialer/apns-device-sandbox.http": { kind: "register", device: { ...IPHONE, environment: "sandbox" } },
  "vialer/apns-device-delete.http": REMOVAL,
  "vialer/android-device.http": { kind: "register", device: ANDROID },
  "vialer/android-device-delete.http": REMOVAL,
  "vialer/gcm-device.http": { kind: "register", device: { ...ANDROID, provider: "gcm", name: "Nexus 5" } },
};

const NO_NUMBER = "vialer/no-number.http";
const TALK = ["vialer/hangup-reason.http", "vialer/log-metrics.http"];

describe("what the vialer-middleware is asked", () => {
  it("is all in the tables", () => {
    const files = [...Object.keys({ ...CALLS, ...RESPONSES, ...ORDERS }), NO_NUMBER, ...TALK];

    expect(files.toSorted()).toEqual(listCaptures("vialer").toSorted());
  });

  it.each(Object.entries(CALLS))("%s is a call", (file, expected) => {
    const request = readCapture(file);

    expect(dialect.ignores?.(request)).toBe(false);
    expect(dialect.readCallNotice?.(request)).toBeUndefined();
    expect(dialect.readDevice?.(request)).toBeUndefined();
    expect(dialect.read(request)).toStrictEqual(expected);
  });

  it.each(Object.entries(RESPONSES))("%s says that the phone has %s", (file, kind) => {
    expect(dialect.readCallNotice?.(readCapture(file))).toStrictEqual({
      selector: { id: UNIQUE_KEY },
      event: { kind },
    });
  });

  it.each(Object.entries(ORDERS))("%s is about a device", (file, expected) => {
    const request = readCapture(file);

    expect(dialect.readCallNotice?.(request)).toBeUndefined();
    expect(dialect.readDevice?.(request)).toStrictEqual(expected);
  });

  it.each(["apns", "android"])("names an %s device alike when it comes and when it goes", (platform) => {
    const added = dialect.readDevice?.(readCapture(`vialer/${platform}-device.http`));
    const removed = dialect.readDevice?.(readCapture(`vialer/${platform}-device-delete.http`));

    expect(removed).toMatchObject({ deviceId: added?.kind === "register" ? added.device.id : "" });
  });

  it.each(TALK)("%s is of no use here", (file) => {
    expect(dialect.ignores?.(readCapture(file))).toBe(true);
  });
});

describe("what the middleware refuses", () => {
  const changed = (file: string, change: (body: string) => string): ForeignRequest => {
    const request = readCapture(file);
    return { ...request, body: Buffer.from(change(Buffer.from(request.body).toString())) };
  };

  it("is a call without a number", () => {
    expect(() => dialect.read(readCapture(NO_NUMBER))).toThrow(
      expect.objectContaining({ code: "missing_field", details: { field: "phonenumber" } }),
    );
  });

  it.each([
    "/compat/vialer",
    "/compat/vialer/api/incoming-call/",
    "/compat/vialer/sip.example.org/api/web-device/",
    "/compat/vialer/sip.example.org/api/apns-device/more",
    "/compat/vialer/sip.example.org/v2/apns-device/",
  ])("is not to be found at %s", (path) => {
    const request = { ...readCapture("vialer/incoming-call.http"), path };

    expect(dialect.readDevice?.(request)).toBeUndefined();
    expect(() => dialect.read(request)).toThrow(expect.objectContaining({ code: "not_found" }));
  });

  it.each(["incoming-call", "call-response", "hangup-reason"])("is a DELETE of %s", (endpoint) => {
    const path = `/compat/vialer/sip.example.org/api/${endpoint}/`;
    const request = { ...readCapture("vialer/incoming-call.http"), method: "DELETE", path } as const;

    expect(dialect.ignores?.(request)).toBe(false);
    expect(dialect.readCallNotice?.(request)).toBeUndefined();
    expect(() => dialect.read(request)).toThrow(expect.objectContaining({ code: "method_not_allowed" }));
  });

  it.each([
    ["token", (body: string) => body.replace(VOIP_TOKEN, "0123")],
    ["app", (body: string) => body.replace("com.voipgrid.vialer", "")],
    ["sip_user_id", (body: string) => body.replace("123456789", "")],
    ["sandbox", (body: string) => body.replace("sandbox=1", "sandbox=perhaps")],
  ] as const)("is a device for its %s", (field, change) => {
    const request = changed("vialer/apns-device-sandbox.http", change);

    expect(() => dialect.readDevice?.(request)).toThrow(expect.objectContaining({ details: { field } }));
  });

  it("is an answer to no call in particular", () => {
    const request = changed("vialer/call-response-iphone.http", (body) => body.replace(UNIQUE_KEY, ""));

    expect(() => dialect.readCallNotice?.(request)).toThrow(
      expect.objectContaining({ details: { field: "unique_key" } }),
    );
  });
});
