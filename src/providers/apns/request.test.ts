import { describe, expect, it } from "vitest";
import { anAttempt, ACCEPTED_AT, APNS_ID } from "../../../test/fixtures/attempts.ts";
import { aCall, aMessage, anIphone, IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import { buildRequest } from "./request.ts";

const context = { bundleId: "org.example.phone", now: ACCEPTED_AT, voipExpiryMs: 30_000 };
const payloadOf = (request: { readonly body: string }) => JSON.parse(request.body);

describe("building a request to APNs", () => {
  it("calls over the VoIP topic, at once, for half a minute", () => {
    const request = buildRequest(anAttempt(aCall(), anIphone()), context);

    expect(request.path).toBe(`/3/device/${IPHONE_TOKENS.voip}`);
    expect(request.headers).toMatchObject({
      "apns-topic": "org.example.phone.voip",
      "apns-push-type": "voip",
      "apns-priority": 10,
      "apns-expiration": ACCEPTED_AT / 1000 + 30,
      "apns-id": APNS_ID,
    });
    expect(payloadOf(request)).toMatchObject({
      type: "call",
      caller: "+4315551234",
      callee: "alice",
      domain: "example.org",
    });
  });

  it("calls an iPhone without a VoIP token by an alert", () => {
    const iphone = anIphone({ tokens: { remote: IPHONE_TOKENS.remote } });

    const request = buildRequest(anAttempt(aCall({ aps: { sound: "incoming_call.caf" } }), iphone), context);

    expect(request.headers).toMatchObject({
      "apns-topic": "org.example.phone",
      "apns-push-type": "alert",
      "apns-priority": 10,
    });
    expect(payloadOf(request).aps).toEqual({
      alert: "Call from +4315551234",
      sound: "incoming_call.caf",
      "interruption-level": "time-sensitive",
    });
  });

  it("shows a message with the platform's text, sound and badge, numbers as numbers", () => {
    const request = buildRequest(anAttempt(aMessage(), anIphone()), context);

    expect(request.path).toBe(`/3/device/${IPHONE_TOKENS.remote}`);
    expect(payloadOf(request)).toMatchObject({
      aps: { alert: "Message from Bob:\nAre we still on for lunch?", sound: "incoming_message.caf", badge: 1 },
      message: "Are we still on for lunch?",
    });
  });

  it("words the alert itself where the platform did not", () => {
    const data = { type: "message", sender_name: "Bob", message: "Hi" };

    const request = buildRequest(anAttempt(aMessage({ aps: {}, data }), anIphone()), context);

    expect(payloadOf(request).aps).toEqual({ alert: "Message from Bob:\nHi", sound: "default" });
  });

  it("wakes silently in the background, at Apple's priority for that", () => {
    const request = buildRequest(anAttempt(aMessage({ silent: true }), anIphone()), context);

    expect(request.headers).toMatchObject({ "apns-push-type": "background", "apns-priority": 5 });
    expect(payloadOf(request).aps).toEqual({ "content-available": 1 });
  });

  it("drops the whole stanza first, and shortens the text if that is not enough", () => {
    const text = "Grüße 👋🏽 ".repeat(1_000);
    const data = { message: text, full_message: `<message>${text}</message>`, sender_name: "Bob" };

    const request = buildRequest(anAttempt(aMessage({ data, aps: { alert: text } }), anIphone()), context);

    const payload = payloadOf(request);
    expect(Buffer.byteLength(request.body)).toBeLessThanOrEqual(4096);
    expect(payload.full_message).toBeUndefined();
    expect(payload.sender_name).toBe("Bob");
    expect(payload.message.length).toBeGreaterThan(300);
    expect(payload.message).toMatch(/…$/);
    expect(text.startsWith(payload.message.slice(0, -1))).toBe(true);
  });

  it("fills a message to Apple's limit, and never goes beyond it", () => {
    // One of these reaches exactly the limit, whatever room is left for the text.
    const sizes = Array.from({ length: 8 }, (_, extra) => {
      const data = { message: "x".repeat(5_000), sender_name: "B".repeat(extra) };
      const request = buildRequest(anAttempt(aMessage({ data, aps: { alert: "Hi" } }), anIphone()), context);
      return Buffer.byteLength(request.body);
    });

    expect(Math.max(...sizes)).toBe(4096);
  });

  it("leaves a call the room that VoIP pushes have", () => {
    const data = { note: "x".repeat(4_500) };

    const request = buildRequest(anAttempt(aCall({ data }), anIphone()), context);

    expect(payloadOf(request).note).toHaveLength(4_500);
  });

  it("carries the provider token where there is one", () => {
    const request = buildRequest(anAttempt(aCall(), anIphone()), { ...context, providerToken: "jwt" });

    expect(request.headers["authorization"]).toBe("bearer jwt");
  });
});
