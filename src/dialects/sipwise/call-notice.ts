import type { CallNotice, ForeignRequest } from "../../gateway/dialect.ts";
import type { CallEvent } from "../../push/call.ts";
import { readCallee } from "./callee.ts";
import { findValue, invalidField, onlyValue, type Field } from "./field.ts";
import { compact } from "../../push/compact.ts";

/** Events that ask for a push: `call`, and a missing `event`. */
const RINGS = new Set(["", "call", "invite", "incoming_call"]);

/** Events of proxy scripts; SEMS sends none. SIP's name is CANCEL. */
const KIND_OF = {
  ringing: "ringing",
  answered: "answered",
  declined: "declined",
  cancel: "cancelled",
  cancelled: "cancelled",
  missed: "missed",
} as const satisfies Record<string, CallEvent["kind"]>;

/** Reads a proxy's event about a call: by Call-ID, or for the call that rings for the callee (from that caller). */
export function readCallNotice(fields: readonly Field[], request: ForeignRequest): CallNotice | undefined {
  const word = onlyValue(fields, "event")?.trim().toLowerCase() ?? "";
  if (RINGS.has(word)) return undefined;
  if (!isKnown(word)) throw invalidField("event", `is not one of call, ${Object.keys(KIND_OF).join(", ")}`);
  const id = findValue(fields, "call_id");
  const caller = findValue(fields, "caller");
  const contact = findValue(fields, "contact");
  const isNamed = fields.some(({ name, value }) => name === "callee" && value.trim() !== "");
  const callee = id === undefined || isNamed ? readCallee(fields, request) : undefined;
  return compact({
    selector: compact({
      id,
      callee,
      caller,
    }),
    event: buildEvent(KIND_OF[word], findValue(fields, "device")),
    contact,
  });
}

type Word = keyof typeof KIND_OF;

function isKnown(word: string): word is Word {
  return Object.hasOwn(KIND_OF, word);
}

function buildEvent(kind: (typeof KIND_OF)[Word], deviceId: string | undefined): CallEvent {
  if (kind === "cancelled" || kind === "missed") return { kind };
  return compact({ kind, deviceId });
}
