import { createHash } from "node:crypto";
import type { Call, EndedCallState } from "./call.ts";
import { isCallEnded } from "./call.ts";

/** What the phones that rang in vain are told. */
export const CALL_END_WORDS = ["answered_elsewhere", "declined_elsewhere", "cancelled", "missed"] as const;
export type CallEndWord = (typeof CALL_END_WORDS)[number];

const WORD_FOR = {
  answered: "answered_elsewhere",
  declined: "declined_elsewhere",
  cancelled: "cancelled",
  missed: "missed",
  // Nobody was woken.
  unreachable: undefined,
} as const satisfies Record<EndedCallState, CallEndWord | undefined>;

export interface CallEnd {
  readonly word: CallEndWord;
  /** This phone knows already. */
  readonly exceptDevice?: string;
}

/** What is owed to the phones once the call has ended; undefined while it goes on, and where none has rung. */
export function readCallEnd(call: Call): CallEnd | undefined {
  if (!isCallEnded(call.state)) return undefined;
  const word = WORD_FOR[call.state];
  if (word === undefined) return undefined;
  const exceptDevice = call.endedBy ?? (call.state === "answered" ? onlyRegistered(call) : undefined);
  return { word, ...(exceptDevice === undefined ? {} : { exceptDevice }) };
}

/** Where the platform does not say who took the call, and one phone alone has come, it was that one. */
function onlyRegistered({ registrations }: Call): string | undefined {
  const devices = new Set(registrations.map(({ deviceId }) => deviceId));
  const [only] = devices;
  return devices.size === 1 ? only : undefined;
}

/** A phone that rang by an alert has that alert replaced (`shown`); one that rang by itself is told in the background. */
export const END_FORMS = ["shown", "silent"] as const;
export type EndForm = (typeof END_FORMS)[number];

/** The pushes that told phones of the end, if any had to be told. */
export function listEndPushIds(call: Call): readonly string[] {
  const [rang] = call.pushIds;
  const end = readCallEnd(call);
  return rang === undefined || end === undefined ? [] : END_FORMS.map((form) => buildEndPushId(rang, end.word, form));
}

/** The part of a push's id that is its time and its version. */
const TIME_LENGTH = "01234567-89ab-7".length;
/** UUIDv8: the last byte says where the store keeps the push (`stores/redis/push-ids.ts`). */
const NAMES_PLACE = /^.{14}8.*(..)$/;

/**
 * Follows from the id of the push that rang, so the call alone leads to it. It keeps that id's time, since ids that rise keep the
 * store's writes together, and the place that it may name, since the store finds the push by it.
 */
export function buildEndPushId(rang: string, word: CallEndWord, form: EndForm): string {
  const digest = createHash("sha256").update(`${rang} ${word} ${form}`).digest("hex");
  const place = NAMES_PLACE.exec(rang)?.[1] ?? digest.slice(16, 18);
  return `${rang.slice(0, TIME_LENGTH)}${digest.slice(0, 3)}-8${digest.slice(3, 6)}-${digest.slice(6, 16)}${place}`;
}
