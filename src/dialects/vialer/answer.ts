import type { ForeignAnswer, ForeignResult } from "../../gateway/dialect.ts";
import { isCallEnded, type Call } from "../../push/call.ts";

/** Returns the answer. Asterisk reads the text, the app the status. */
export function buildAnswer(result: ForeignResult): ForeignAnswer {
  const { status, body = "" } = describe(result);
  return { status, contentType: "text/plain; charset=utf-8", body };
}

/** `ACK`: the phone is ready for its INVITE. `NAK`: continue without it. */
const ACK = "status=ACK";
const NAK = "status=NAK";

function describe(result: ForeignResult): { readonly status: number; readonly body?: string } {
  switch (result.kind) {
    case "awaited":
      return { status: 200, body: result.call !== undefined && isPhoneThere(result.call) ? ACK : NAK };
    case "pushed":
      return { status: 200, body: result.receipt.kind === "suppressed" ? NAK : ACK };
    case "heard":
      return { status: result.calls.some(isInTime) ? 202 : 404 };
    case "registered":
      return { status: result.created ? 201 : 200 };
    case "unregistered":
      return { status: result.removed ? 200 : 404 };
    case "ignored":
      return { status: 200 };
    case "refused":
      return { status: statusOf(result), body: NAK };
  }
}

function isPhoneThere({ state }: Call): boolean {
  return state === "registered" || state === "answered";
}

/** An app that was too late gets 404, and stops ringing. */
function isInTime({ state }: Call): boolean {
  return !isCallEnded(state) || state === "answered" || state === "declined";
}

/** For Asterisk, a subscriber who cannot be rung is an ordinary answer. */
function statusOf({ error: { code }, status }: Extract<ForeignResult, { readonly kind: "refused" }>): number {
  return code === "no_device" || code === "domain_disabled" ? 200 : status;
}
