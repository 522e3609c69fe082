import { describe, expect, it } from "vitest";
import { aRingingCall } from "../../../test/fixtures/builders.ts";
import { GatewayError, type ErrorCode } from "../../gateway/errors.ts";
import { CALL_STATES, type CallState } from "../../push/call.ts";
import { buildAnswer } from "./answer.ts";

const contentType = "text/plain; charset=utf-8";
const receipt = { kind: "accepted", id: "1", state: "pending" } as const;

describe("the answer to Asterisk", () => {
  it.each(CALL_STATES)("whose call is %s after the wait says whether to dial the phone", (state) => {
    const isThere = state === "registered" || state === "answered";

    const answer = buildAnswer({ kind: "awaited", receipt, call: aRingingCall({ state }) });

    expect(answer).toEqual({ status: 200, contentType, body: isThere ? "status=ACK" : "status=NAK" });
  });

  const refused = (code: ErrorCode, status: number) =>
    ({ kind: "refused", error: new GatewayError(code, "No."), status }) as const;

  it.each([
    [{ kind: "awaited", receipt, call: undefined }, 200, "status=NAK"],
    [{ kind: "pushed", receipt }, 200, "status=ACK"],
    [{ kind: "pushed", receipt: { kind: "repeat", id: "1", state: "delivered" } }, 200, "status=ACK"],
    [{ kind: "pushed", receipt: { kind: "suppressed", id: "1", reason: "push_disabled" } }, 200, "status=NAK"],
    [refused("no_device", 404), 200, "status=NAK"],
    [refused("domain_disabled", 403), 200, "status=NAK"],
    [refused("missing_field", 400), 400, "status=NAK"],
    [refused("queue_full", 503), 503, "status=NAK"],
  ] as const)("to %j is %i and %s", (result, status, body) => {
    expect(buildAnswer(result)).toEqual({ status, contentType, body });
  });
});

describe("the answer to an app", () => {
  const IN_TIME = new Set<CallState>(["ringing", "registered", "answered", "declined"]);

  it.each(CALL_STATES)("whose call is %s says whether it came in time", (state) => {
    const answer = buildAnswer({ kind: "heard", calls: [aRingingCall({ state })] });

    expect(answer).toEqual({ status: IN_TIME.has(state) ? 202 : 404, contentType, body: "" });
  });

  it.each([
    [{ kind: "heard", calls: [] }, 404],
    [{ kind: "registered", created: true }, 201],
    [{ kind: "registered", created: false }, 200],
    [{ kind: "unregistered", removed: true }, 200],
    [{ kind: "unregistered", removed: false }, 404],
    [{ kind: "ignored" }, 200],
  ] as const)("to %j is %i", (result, status) => {
    expect(buildAnswer(result)).toEqual({ status, contentType, body: "" });
  });
});
