import { describe, expect, it } from "vitest";
import type { ForeignRequest } from "../../gateway/dialect.ts";
import { GatewayError } from "../../gateway/errors.ts";
import { createSipwiseDialect } from "./dialect.ts";

const dialect = createSipwiseDialect({ paths: ["/push"] });
const FORM = "application/x-www-form-urlencoded";
const BASE = "callee=alice&domain=example.org";
const MESSAGE = `${BASE}&data_type=message`;

function get(query: string): ForeignRequest {
  const rawQuery = Buffer.from(query, "utf8").toString("latin1");
  return { method: "GET", path: "/push", rawQuery, contentType: undefined, body: new Uint8Array() };
}

function post(body: string | Uint8Array, contentType: string | undefined = FORM, rawQuery = ""): ForeignRequest {
  return { method: "POST", path: "/push", rawQuery, contentType, body: Buffer.from(body) };
}

function multipart(parts: readonly string[], boundary = "b0undary"): ForeignRequest {
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join("");
  return post(`${body}--${boundary}--\r\n`, `multipart/form-data; boundary=${boundary}`);
}

function part(name: string, value: string): string {
  return `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
}

function refusalOf(request: ForeignRequest): { code: string; field?: string; hint?: string } {
  try {
    dialect.read(request);
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, ...error.details };
    throw error;
  }
  throw new Error("The request was accepted.");
}

describe("a query", () => {
  it.each([
    ["caller=+431234567", "+431234567"],
    ["caller=%2B431234567", "+431234567"],
    ["caller=a+b%20c", "a+b c"],
    ["caller=J%C3%BCrgen", "Jürgen"],
    ["caller=Jürgen%20€", "Jürgen €"],
    ["caller=100%", "100%"],
    ["caller=%41%4", "%41%4"],
    ["caller=ü%", "ü%"],
    ["%63aller=1", "1"],
    ["caller=a&b%zz&%ff", "a"],
  ])("means with %s the caller %s", (query, caller) => {
    expect(dialect.read(get(`${query}&${BASE}`)).caller).toBe(caller);
  });

  it("has a space for a plus in fields that SEMS does not send", () => {
    expect(dialect.read(get(`${MESSAGE}&data_message=a+b`)).data["message"]).toBe("a b");
  });

  it.each([
    ["caller=\u00fc", "ü"],
    ["caller=%fc", "ü"],
    ["caller=\u00ed\u00a0\u0080", "í\u00a0€"],
  ])("is read as Windows-1252 for %j, no UTF-8", (query, caller) => {
    const request = { ...get(BASE), rawQuery: `${query}&${BASE}` };

    expect(dialect.read(request).caller).toBe(caller);
  });

  it("of a GET is all that counts", () => {
    expect(dialect.read({ ...get(BASE), body: Buffer.from("callee=mallory"), contentType: FORM }).callee).toBe(
      "alice@example.org",
    );
  });

  it("of a POST fills in what the body does not name", () => {
    const request = post("caller=1&callee=alice", FORM, "callee=urls&caller=urls&domain=example.org&callee=twice");

    expect(dialect.read(request)).toMatchObject({ callee: "alice@example.org", caller: "1" });
  });
});

describe("a form", () => {
  it.each([
    ["caller=%2b43+1", "+43 1"],
    ["caller=+4366412345", "+4366412345"],
    ["caller=sip:+43664@example.org", "sip:+43664@example.org"],
    ["caller=+anonymous", "anonymous"],
    ["caller=a=b", "a=b"],
    ["caller=Zo%c3%ab%20%F0%9F%98%80", "Zoë 😀"],
    ["caller=Zoë", "Zoë"],
    ["caller=Zo%eb", "Zoë"],
    ["caller=%2b43%eb+%801", "+43ë €1"],
    ["&&=&=x&caller=1&&", "1"],
  ])("means with %s the caller %s", (form, caller) => {
    expect(dialect.read(post(`${form}&${BASE}`)).caller).toBe(caller);
  });

  it("is what a body without Content-Type is taken for", () => {
    expect(dialect.read({ ...post(BASE), contentType: undefined }).callee).toBe("alice@example.org");
  });

  it("keeps the plus that curl sent raw at the start of the callee", () => {
    expect(dialect.read(post("callee=+4366412345@example.org")).callee).toBe("+4366412345@example.org");
  });

  it.each(["%zz", "100%", "%f"])("is refused for the broken value %s", (value) => {
    expect(refusalOf(post(`${MESSAGE}&data_message=${value}`))).toEqual({
      code: "invalid_encoding",
      field: "data_message",
    });
  });

  it("is read whatever its Content-Type's case and parameters", () => {
    expect(dialect.read(post(BASE, "Application/X-WWW-Form-Urlencoded; charset=UTF-8")).callee).toBe(
      "alice@example.org",
    );
  });
});

describe("a body", () => {
  it("of another type is refused", () => {
    expect(refusalOf(post(BASE, "text/plain")).code).toBe("unsupported_content_type");
  });

  it("that is empty has no fields, whatever its type", () => {
    expect(dialect.read(post("", "text/plain", BASE)).callee).toBe("alice@example.org");
  });

  it("is refused for a form field of more than 1.5 MiB, by the name of the field", () => {
    const text = "+".repeat(1.5 * 1024 * 1024);

    expect(refusalOf(post(`${MESSAGE}&data_message=${text}`))).toMatchObject({
      code: "invalid_field",
      field: "data_message",
    });
  });

  it("has its long text in three fields, each read", () => {
    const text = "%22".repeat(30_000);
    const { data, aps } = dialect.read(
      post(`${MESSAGE}&data_message=${text}&data_full_message=${text}&apns_alert=${text}+`),
    );

    expect([data["message"], data["full_message"], aps.alert]).toEqual(
      ["", "", " "].map((end) => '"'.repeat(30_000) + end),
    );
  });

  it("is refused for more than 200 fields", () => {
    expect(dialect.read(post(`${"x=1&".repeat(198)}${BASE}`)).callee).toBe("alice@example.org");
    expect(refusalOf(post(`${"x=1&".repeat(199)}${BASE}`)).code).toBe("invalid_field");
  });

  it("is refused for a field name without end, which the error shortens", () => {
    const { code, field } = refusalOf(post(`${"x".repeat(5000)}=1&${BASE}`));

    expect(code).toBe("invalid_field");
    expect(field).toHaveLength(65);
  });
});

describe("callee and domain", () => {
  it.each([
    ["callee=alice&domain=Example.ORG", "alice@example.org"],
    ["callee=Alice@example.org", "Alice@example.org"],
    ["callee=sip:alice@example.org&domain=EXAMPLE.org", "alice@example.org"],
    ["callee=sip:alice&domain=example.org", "alice@example.org"],
    ["callee=alice%40example.org&domain=", "alice@example.org"],
    ["callee=+431&domain=[2001:db8::1]", "+431@[2001:db8::1]"],
  ])("read %s as %s", (query, callee) => {
    expect(dialect.read(get(query)).callee).toBe(callee);
  });

  it.each([
    ["callee=alice@other.org&domain=example.org", "invalid_field", "domain"],
    ["callee=alice@example.org&domain=exam%20ple", "invalid_field", "domain"],
    ["callee=alice&domain=+example.org", "invalid_field", "domain"],
    ["callee=alice&domain=exam_ple..org", "invalid_field", "domain"],
    ["callee=al%20ice&domain=example.org", "invalid_field", "callee"],
    ["callee=alice@&domain=example.org", "invalid_field", "callee"],
    ["callee=sip:&domain=example.org", "invalid_field", "callee"],
    ["callee=alice", "missing_field", "domain"],
    ["domain=example.org", "missing_field", "callee"],
    ["callee=%20&domain=example.org", "missing_field", "callee"],
  ])("refuse %s", (query, code, field) => {
    expect(refusalOf(get(query))).toMatchObject({ code, field });
  });

  it("give a hint only where the sender is known", () => {
    expect(refusalOf(get("callee=alice"))).not.toHaveProperty("hint");
    expect(refusalOf(post("domain=example.org"))).not.toHaveProperty("hint");
    expect(refusalOf(multipart([part("domain", "example.org"), part("caller", "1")]))).not.toHaveProperty("hint");
    expect(refusalOf(get("key=abc")).hint).toMatch(/before July 2024/);
    expect(refusalOf(get("caller=1&callee=al")).hint).toMatch(/#/);
    expect(refusalOf(get("caller=1&callee=alice&domain=")).hint).toMatch(/P-App-Param/);
  });
});

describe("a repeated field", () => {
  it.each(["callee", "domain", "push_id", "caller", "call_id"])("is refused where two values of %s differ", (name) => {
    const query = `caller=1&${BASE}&push_id=1&call_id=1&${name}=mallory`;

    expect(refusalOf(get(query))).toEqual({ code: "repeated_field", field: name });
    expect(refusalOf(post(query))).toEqual({ code: "repeated_field", field: name });
  });

  it("is fine where it says the same twice", () => {
    expect(dialect.read(get(`${BASE}&${BASE}`)).callee).toBe("alice@example.org");
  });

  it("counts with its last value in data_ and apns_", () => {
    const { data, aps } = dialect.read(post(`${MESSAGE}&data_x=1&apns_badge=1&data_x=2&apns_badge=2`));

    expect(data["x"]).toBe("2");
    expect(aps.badge).toBe(2);
  });
});

describe("a JSON body", () => {
  const json = (text: string) => dialect.read(post(text, "application/json"));

  it("is held to the same rules as a form", () => {
    const text = `{"callee":"+431","domain":"example.org","data_type":"message","apns_badge":7,"data_silent":true}`;

    expect(json(text)).toMatchObject({ callee: "+431@example.org", silent: true, aps: { badge: 7 } });
    expect(() => json(`{"callee":"a","callee":"b"}`)).toThrow(expect.objectContaining({ code: "repeated_field" }));
  });

  it("cannot reach a prototype", () => {
    const { data } = json(`{"__proto__":"x","data___proto__":"x","data_constructor":"y","callee":"a","domain":"b"}`);

    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(Object.entries(data)).toEqual([["constructor", "y"]]);
  });
});
