import { describe, expect, it } from "vitest";
import { readMultipart } from "./multipart.ts";

const TYPE = "multipart/form-data; boundary=b0undary";

function read(body: string, contentType: string = TYPE, encoding: BufferEncoding = "utf8"): Record<string, string> {
  const fields = readMultipart(Buffer.from(body, encoding), contentType);
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

function form(...parts: readonly string[]): string {
  return `${parts.map((part) => `--b0undary\r\n${part}\r\n`).join("")}--b0undary--\r\n`;
}

function part(name: string, value: string): string {
  return `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
}

describe("a multipart body", () => {
  it("is read as it stands: nothing in it is encoded", () => {
    const caller = "+43 1%20ü\r\n--b0undar\r\n\r\n";

    expect(read(form(part("caller", caller), part("callee", ""), part('a\\"b', "1")))).toEqual({
      caller,
      callee: "",
      'a"b': "1",
    });
  });

  it("may be empty", () => {
    expect(read(form())).toEqual({});
  });

  it("may have a preamble, an epilogue, padding, a quoted boundary, tokens and further headers", () => {
    const body =
      "preamble\r\n--a b \t\r\ncontent-type: text/plain\r\nCONTENT-DISPOSITION: Form-Data; NAME=callee\r\n\r\nalice" +
      '\r\n--a b\r\nContent-Transfer-Encoding: 8BIT\r\nContent-Disposition: form-data; name="domain"\r\n\r\nexample.org' +
      "\r\n--a b--\r\nepilogue\r\n--a b\r\n";

    expect(read(body, 'multipart/form-data; charset=utf-8; boundary="a b"')).toEqual({
      callee: "alice",
      domain: "example.org",
    });
  });

  it.each([
    ["no closing boundary", `--b0undary\r\n${part("callee", "alice")}\r\n`],
    ["a body cut off in its first line", "--b0undary"],
    ["another boundary", form(part("callee", "alice")).replaceAll("b0undary", "boundary")],
    ["a boundary that goes on", form(part("callee", "alice")).replace("b0undary", "b0undary1")],
    ["a part without a name", form("Content-Disposition: form-data\r\n\r\nalice")],
    ["a part of another disposition", form('Content-Disposition: form-data-2; name="callee"\r\n\r\nalice')],
    ["a part without a header", form("\r\nalice")],
    ["a part that never ends its header", form("alice")],
    ["rubbish after the name", form('Content-Disposition: form-data; name="callee" x\r\n\r\nalice')],
  ])("is refused for %s", (_what, body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: "invalid_encoding", details: {} }));
  });

  it.each(["multipart/form-data", "multipart/form-data; boundary=", `multipart/form-data; boundary=${"b".repeat(71)}`])(
    "is refused where its type is %s",
    (contentType) => {
      expect(() => read(form(), contentType)).toThrow(expect.objectContaining({ code: "invalid_encoding" }));
    },
  );

  it("is refused with the field's name for base64", () => {
    const refusal = expect.objectContaining({ code: "invalid_encoding", details: { field: "callee" } });

    expect(() => read(form(`Content-Transfer-Encoding: base64\r\n${part("callee", "YQ==")}`))).toThrow(refusal);
  });

  it("is read as Windows-1252 where it is no UTF-8", () => {
    expect(read(form(part("caller", "J\u00fcrgen")), TYPE, "latin1")).toEqual({ caller: "Jürgen" });
  });

  it("is refused where a field is a file", () => {
    const file = 'Content-Disposition: form-data; name="callee"; filename="alice.txt"\r\n\r\nalice';

    expect(() => read(form(file))).toThrow(
      expect.objectContaining({ code: "invalid_field", details: { field: "callee" } }),
    );
  });
});
