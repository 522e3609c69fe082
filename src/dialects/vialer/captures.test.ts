import { describe, expect, it } from "vitest";
import { listCaptures, readCapture } from "../../../test/support/captured-request.ts";
import { GatewayError, type ErrorCode } from "../../gateway/errors.ts";
import { createVialerDialect } from "./dialect.ts";

const dialect = createVialerDialect({ paths: ["/compat/vialer"] });

const CALL = { kind: "call", callee: "123456789@sip.example.org", silent: false, aps: {} };
const NAMED = { caller_id: "Test name", sender_name: "Test name", unique_key: "sduiqayduiryqwuioeryqwer76789" };

const ACCEPTED: Readonly<Record<string, object>> = {
  "vialer/incoming-call.http": {
    ...CALL,
    caller: "0123456789",
    callId: NAMED.unique_key,
    data: { ...NAMED, phonenumber: "0123456789" },
  },
  "vialer/incoming-call-json.http": {
    ...CALL,
    caller: "+31123456789",
    callId: NAMED.unique_key,
    data: { ...NAMED, phonenumber: "+31123456789" },
  },
  "vialer/incoming-call-plus.http": {
    ...CALL,
    caller: "+31123456789",
    data: { phonenumber: "+31123456789" },
  },
};

describe("what Asterisk asks the vialer-middleware", () => {
  it("is all in the tables", () => {
    expect([...Object.keys(ACCEPTED), "vialer/no-number.http"].toSorted()).toEqual(listCaptures("vialer").toSorted());
  });

  it.each(Object.entries(ACCEPTED))("%s is understood", (file, expected) => {
    expect(dialect.read(readCapture(file))).toStrictEqual(expected);
  });

  it("is refused without a number", () => {
    expect(() => dialect.read(readCapture("vialer/no-number.http"))).toThrow(
      expect.objectContaining({ code: "missing_field", details: { field: "phonenumber" } }),
    );
  });

  it.each(["/compat/vialer", "/compat/vialer/api/incoming-call/", "/compat/vialer/sip.example.org/api/call-response/"])(
    "is not to be found at %s",
    (path) => {
      const request = { ...readCapture("vialer/incoming-call.http"), path };

      expect(() => dialect.read(request)).toThrow(expect.objectContaining({ code: "not_found" }));
    },
  );
});

describe("the verdict", () => {
  const refused = (code: ErrorCode, status: number) =>
    ({ kind: "refused", error: new GatewayError(code, "No."), status }) as const;

  it.each([
    [{ kind: "pushed", receipt: { kind: "accepted", id: "1", state: "pending" } }, 200, "status=ACK"],
    [{ kind: "pushed", receipt: { kind: "repeat", id: "1", state: "delivered" } }, 200, "status=ACK"],
    [{ kind: "pushed", receipt: { kind: "suppressed", id: "1", reason: "push_disabled" } }, 200, "status=NAK"],
    [refused("no_device", 404), 200, "status=NAK"],
    [refused("domain_disabled", 403), 200, "status=NAK"],
    [refused("missing_field", 400), 400, "status=NAK"],
    [refused("queue_full", 503), 503, "status=NAK"],
  ] as const)("of %j is %i and %s", (result, status, body) => {
    expect(dialect.answer?.(result)).toEqual({ status, contentType: "text/plain; charset=utf-8", body });
  });
});
