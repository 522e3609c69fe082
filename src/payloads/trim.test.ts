import { describe, expect, it } from "vitest";
import { aMessage } from "../../test/fixtures/builders.ts";
import { trimRequest } from "./trim.ts";

describe("trimming a request before it is kept", () => {
  it("leaves a request alone that a provider could take", () => {
    const request = aMessage({ data: { message: "x".repeat(4_000), full_message: "y".repeat(8_000) } });

    expect(trimRequest(request)).toBe(request);
  });

  it("drops the stanza and the end of a message of megabytes", () => {
    const text = '"'.repeat(1_000_000);
    const request = aMessage({
      data: { message: text, full_message: text, sender_name: "Bob" },
      aps: { alert: text, badge: 3 },
    });

    const trimmed = trimRequest(request);

    expect(JSON.stringify(trimmed).length).toBeLessThan(40_000);
    expect(trimmed.data).not.toHaveProperty("full_message");
    expect(trimmed.data).toMatchObject({ sender_name: "Bob", message: expect.stringMatching(/^"{5000}/) });
    expect(trimmed.aps).toMatchObject({ badge: 3, alert: expect.stringMatching(/^"{5000}/) });
  });
});
