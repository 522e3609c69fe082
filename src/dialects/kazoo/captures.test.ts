import { describe, expect, it } from "vitest";
import {
  CALL_ID,
  FCM_TOKEN,
  REMOTE_TOKEN,
  VOIP_TOKEN,
  listCaptures,
  readCapture,
} from "../../../test/fixtures/captured-request.ts";
import { createKazooDialect } from "./dialect.ts";

const dialect = createKazooDialect({ paths: ["/compat/kazoo"] });

const CALL = {
  kind: "call",
  callee: expect.stringMatching(/^phone-[0-9a-f]{16}@unknown\.invalid$/),
  caller: "+4315551234",
  callId: CALL_ID,
  silent: false,
  data: {
    "call-id": CALL_ID,
    proxy: "sip:proxy.example.org:5060",
    "caller-id-number": "+4315551234",
    "caller-id-name": "Alice Example",
    "registration-token": "9d3c5f0e-1c2b-4a59-8d77-0a1b2c3d4e5f",
    sender_name: "Alice Example",
    loc_key: "IC_SIL",
  },
  aps: { sound: "ring.caf" },
};
const IPHONE = { provider: "apns", environment: "production", app: "com.app.mymobileapp" };

const ACCEPTED: Readonly<Record<string, object>> = {
  "kazoo/apple.http": { ...CALL, direct: { ...IPHONE, tokens: { voip: VOIP_TOKEN }, environment: "sandbox" } },
  "kazoo/apple-token-kind.http": { ...CALL, direct: { ...IPHONE, tokens: { voip: VOIP_TOKEN } } },
  "kazoo/firebase.http": {
    ...CALL,
    callee: expect.stringMatching(/^phone-[0-9a-f]{16}@example\.org$/),
    direct: { ...IPHONE, provider: "fcm", tokens: { registration: FCM_TOKEN } },
  },
  "kazoo/alert-body.http": {
    kind: "call",
    callee: CALL.callee,
    callId: CALL_ID,
    silent: false,
    data: {},
    aps: { alert: "Alice Example", badge: 1 },
    direct: { ...IPHONE, tokens: { remote: REMOTE_TOKEN }, deviceId: "b24106c4f58b6c2ce4a37ff92b2a4d8f" },
  },
};

describe("Kazoo's push_req", () => {
  it("is all in the table", () => {
    expect(Object.keys(ACCEPTED).toSorted()).toEqual(listCaptures("kazoo").toSorted());
  });

  it.each(Object.entries(ACCEPTED))("%s is understood", (file, expected) => {
    expect(dialect.read(readCapture(file))).toStrictEqual(expected);
  });

  const post = (message: object, path = "/compat/kazoo") =>
    dialect.read({
      method: "POST",
      path,
      rawQuery: "",
      contentType: "application/json",
      body: Buffer.from(JSON.stringify(message)),
    });
  const PHONE = { "Token-Type": "firebase", "Token-ID": FCM_TOKEN };

  it("needs no more than the token and its type", () => {
    expect(post(PHONE)).toMatchObject({ kind: "call", direct: { provider: "fcm" } });
  });

  it.each([
    [{ ...PHONE, "Event-Name": "push_resp" }, "Event-Name"],
    [{ "Token-ID": FCM_TOKEN }, "Token-Type"],
    [{ "Token-Type": "apple" }, "Token-ID"],
    [{ ...PHONE, "Token-Type": "blackberry" }, "Token-Type"],
    [{ ...PHONE, "Token-Type": "apple" }, "Token-ID"],
  ])("%j is refused for its %s", (message, field) => {
    expect(() => post(message)).toThrow(expect.objectContaining({ details: { field } }));
  });

  it("has to stand below a domain, if below anything", () => {
    expect(() => post(PHONE, "/compat/kazoo/no domain")).toThrow(
      expect.objectContaining({ details: { field: "domain" } }),
    );
  });
});
