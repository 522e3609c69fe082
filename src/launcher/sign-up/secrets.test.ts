import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findFault } from "../launch-credentials.ts";
import { ENGLISH } from "../languages/en.ts";
import { buildCodeSms, buildLinkSms, LONGEST_SMS } from "./messages.ts";
import { createSignUpSecrets } from "./secrets.ts";
import { openTicket, sealTicket, type Ticket } from "./ticket.ts";

const secrets = createSignUpSecrets("a secret of the operator, long enough");
const others = createSignUpSecrets("another secret of somebody, long enough");
const TICKET: Ticket = { id: "1", person: { name: "Ada", email: "ada@example.org" }, code: "123456", expiresAt: 1_000 };

it("gives one contact the same names each time, and another one others", () => {
  expect(secrets.externalId("email:a")).toBe(secrets.externalId("email:a"));
  expect(secrets.externalId("email:a")).not.toBe(secrets.externalId("email:b"));
  expect(secrets.username("email:a")).toMatch(/^[a-z]{10}$/);
  expect(secrets.username("email:a")).not.toBe(secrets.username("email:b"));
  expect(secrets.username("email:a")).not.toBe(others.username("email:a"));
});

it("makes passwords that a platform takes and a link carries", () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      const password = secrets.password(id);

      expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8}-[A-Za-z\d]{3}$/);
      expect(findFault("password", password)).toBeUndefined();
      expect(secrets.password(id)).toBe(password);
    }),
  );
});

describe("a ticket", () => {
  it("comes back as it was, until it is too old", () => {
    const sealed = sealTicket(secrets, TICKET);

    expect(openTicket(secrets, sealed, 999)).toEqual(TICKET);
    expect(openTicket(secrets, sealed, 1_000)).toBeUndefined();
  });

  it("tells its carrier nothing, and cannot be changed or made by him", () => {
    const sealed = sealTicket(secrets, TICKET);
    const bytes = Buffer.from(sealed, "base64url");

    expect(bytes.toString("latin1")).not.toMatch(/123456|ada/);
    expect(sealTicket(secrets, TICKET)).not.toBe(sealed);
    expect(openTicket(others, sealed, 0)).toBeUndefined();
    for (const bit of Array.from({ length: bytes.length * 8 }, (_, index) => index)) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(openTicket(secrets, changed.toString("base64url"), 0)).toBeUndefined();
    }
  });

  it.each(["", "x", "{}", "A".repeat(10_000)])("is not %j", (text) => {
    expect(openTicket(secrets, text, 0)).toBeUndefined();
  });
});

it("knows the form token of a cookie", () => {
  const token = secrets.formToken("cookie");

  expect(secrets.isFormToken("cookie", token)).toBe(true);
  expect(secrets.isFormToken("other", token)).toBe(false);
  expect(others.isFormToken("cookie", token)).toBe(false);
  expect(secrets.isFormToken("cookie", "")).toBe(false);
});

describe("a message to a phone", () => {
  const LINK = "A".repeat(88);

  it("has 140 characters at most, with the app's name where there is room", () => {
    expect(buildLinkSms("https://push.example.org/p", LINK, "Phone")).toBe(
      `Phone: https://push.example.org/p?c=${LINK}`,
    );
    expect(buildLinkSms("https://push.example.org/p", LINK, "A very long name of an app")).toBe(
      `https://push.example.org/p?c=${LINK}`,
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (name) => {
        const [code, link] = [buildCodeSms("123456", name, ENGLISH), buildLinkSms("https://a.example/p", LINK, name)];

        expect(code.length <= LONGEST_SMS && link.length <= LONGEST_SMS).toBe(true);
        expect(/^[ -~]*$/.test(code + link)).toBe(true);
      }),
    );
  });
});
