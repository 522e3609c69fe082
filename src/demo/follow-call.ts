import { randomUUID } from "node:crypto";
import type { Attempt as Delivered, Mailbox } from "../simulator/mailbox.ts";
import { requestJson, type HttpTarget } from "../client/request-json.ts";
import type { Phone } from "./phones.ts";

/** Events of the call, with whether all of them were as expected. */
export interface CallResult {
  readonly title: string;
  readonly request: string;
  readonly steps: readonly CallStep[];
  readonly ok: boolean;
}

interface CallStep {
  /** Time since the request. */
  readonly afterMs: number;
  readonly what: string;
}

export interface CallCast {
  readonly target: HttpTarget;
  readonly subscriber: string;
  /** The phone that wakes up and answers. */
  readonly winner: Phone;
  /** The phone that is told to stop ringing. */
  readonly loser: Phone;
  readonly mailbox: Mailbox;
}

const PATIENCE_MS = 10_000;
const WAIT_SECONDS = 20;
const CALLER = "+4366012345";

/** Acts as a proxy that holds its INVITE until a phone has registered: rings, waits, and reports who has answered. */
export async function followCall({ target, subscriber, winner, loser, mailbox }: CallCast): Promise<CallResult> {
  const callId = `${randomUUID()}@demo`;
  const startedAt = Date.now();
  const steps: CallStep[] = [];
  const note = (what: string): void => void steps.push({ afterMs: Date.now() - startedAt, what });
  const rings = (phone: Phone) =>
    mailbox.waitFor((push) => push.token === phone.tokens.call && isAbout(push, phone, callId), PATIENCE);

  const ring = { call_id: callId, callee: subscriber, caller: CALLER, display_name: "Carol" };
  const verdict = post(target, "/v1/calls", ring, { prefer: `wait=${WAIT_SECONDS}` });
  await Promise.all([rings(winner), rings(loser)]);
  note("both phones ring; the proxy waits");
  const contact = `<sip:${subscriber.split("@", 1)[0]}@192.0.2.7:5060>;+sip.instance="${winner.id}"`;
  await post(target, "/v1/registrations", { aor: subscriber, contact });
  const { body } = await verdict;
  note(`the ${winner.name} has registered: ${read(body, "verdict")}, at ${read(body, "contact")}`);
  await post(target, `/v1/calls/${encodeURIComponent(callId)}/events`, { event: "answered", device: winner.id });
  const told = await mailbox.waitFor(
    (push) => push.token === loser.tokens.message && loser.readMember(push.payload, "type") === "call_end",
    PATIENCE,
  );
  note(`it is answered, and the ${loser.name} is told: ${String(loser.readMember(told.payload, "event"))}`);
  return {
    title: `a proxy that waits for the phone: ${CALLER} calls`,
    request: `POST /v1/calls   Prefer: wait=${WAIT_SECONDS}`,
    steps,
    ok: read(body, "verdict") === "registered",
  };
}

const PATIENCE = { timeoutMs: PATIENCE_MS };

function isAbout({ payload }: Delivered, phone: Phone, callId: string): boolean {
  return phone.readMember(payload, "call_id") === callId;
}

function post(target: HttpTarget, path: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  return requestJson(target, { method: "POST", path, body, headers }, WAIT_SECONDS * 1000 + PATIENCE_MS);
}

function read(value: unknown, member: string): string {
  return typeof value === "object" && value !== null ? String(Reflect.get(value, member)) : "";
}
