import { describe, expect, it } from "vitest";
import { readOutcome } from "./outcome.ts";

const NOW = 1_800_000_000_000;
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const results = (result: Record<string, string>) => ({ multicast_id: 1, success: 0, failure: 1, results: [result] });

describe("reading the answer of the legacy API", () => {
  it("takes the message's id, and the token that replaces the old one", () => {
    const { outcome } = readOutcome(answer(200, results({ message_id: "0:1", registration_id: "new" })), NOW);

    expect(outcome).toEqual({ kind: "delivered", providerMessageId: "0:1", replacementToken: "new" });
  });

  it.each([
    [200, results({ error: "NotRegistered" }), "unregistered", "NotRegistered"],
    [200, results({ error: "InvalidRegistration" }), "rejected", "InvalidRegistration"],
    [200, results({ error: "MismatchSenderId" }), "rejected", "MismatchSenderId"],
    [200, results({ error: "Unavailable" }), "deferred", "Unavailable"],
    [200, results({ error: "DeviceMessageRateExceeded" }), "deferred", "DeviceMessageRateExceeded"],
    [200, results({ error: "InvalidPackageName" }), "misconfigured", "InvalidPackageName"],
    [200, results({ error: "DeprecatedApi" }), "misconfigured", "gcm_switched_off"],
    [404, "<html>not found on this server</html>", "misconfigured", "gcm_switched_off"],
    [200, { error: "Deprecated endpoint, see the migration guide" }, "misconfigured", "gcm_switched_off"],
    [401, "Unauthorized", "misconfigured", "bad_server_key"],
    [400, "JSON_PARSING_ERROR", "rejected", "HTTP 400"],
    [503, "", "deferred", "HTTP 503"],
    [200, results({ error: "SomethingNew" }), "rejected", "SomethingNew"],
    [200, "<html>", "deferred", "unreadable_answer"],
    [200, "null", "deferred", "unreadable_answer"],
    [200, { results: [null] }, "deferred", "unreadable_answer"],
  ])("%i %j is %s: %s", (status, body, kind, reason) => {
    expect(readOutcome(answer(status, body), NOW).outcome).toMatchObject({ kind, reason });
  });
});
