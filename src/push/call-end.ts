import { createHash } from "node:crypto";
import { type Call, type EndedCallState, isCallEnded } from "./call.ts";
import { compact } from "./compact.ts";

/** Reasons sent to phones that are still ringing when the call ends. */
export const CALL_END_WORDS = ["answered_elsewhere", "declined_elsewhere", "cancelled", "missed"] as const;
export type CallEndWord = (typeof CALL_END_WORDS)[number];

const WORD_FOR = {
  answered: "answered_elsewhere",
  declined: "declined_elsewhere",
  cancelled: "cancelled",
  missed: "missed",
  // No phone was woken.
  unreachable: undefined,
} as const satisfies Record<EndedCallState, CallEndWord | undefined>;

export interface CallEnd {
  readonly word: CallEndWord;
  /** Device that knows of the end already. */
  readonly exceptDevice?: string;
}

/** Returns what the phones have to be told, or undefined if the call continues or no phone rang. */
export function readCallEnd(call: Call): CallEnd | undefined {
  if (!isCallEnded(call.state)) return undefined;
  const word = WORD_FOR[call.state];
  if (word === undefined) return undefined;
  const exceptDevice = call.endedBy ?? (call.state === "answered" ? onlyRegistered(call) : undefined);
  return compact({ word, exceptDevice });
}

/** Returns the only device that registered, which must have taken the call if the platform does not say who did. */
function onlyRegistered({ registrations }: Call): string | undefined {
  const devices = new Set(registrations.map(({ deviceId }) => deviceId));
  const [only] = devices;
  return devices.size === 1 ? only : undefined;
}

/**
 * `shown` replaces the alert of a phone that rang by an alert; `silent` tells a phone that rang by itself in the
 * background.
 */
export const END_FORMS = ["shown", "silent"] as const;
export type EndForm = (typeof END_FORMS)[number];

/** Returns the ids of the pushes that report the end, if there are any. */
export function listEndPushIds(call: Call): readonly string[] {
  const [rang] = call.pushIds;
  const end = readCallEnd(call);
  return rang === undefined || end === undefined ? [] : END_FORMS.map((form) => buildEndPushId(rang, end.word, form));
}

/** Length of the time and version in a push's id. */
const TIME_LENGTH = "01234567-89ab-7".length;
/** UUIDv8: the last byte says where the store keeps the push (`stores/redis/push-ids.ts`). */
const NAMES_PLACE = /^.{14}8.*(..)$/;

/**
 * Derives the id from that of the push that rang, so that the call alone leads to it. It keeps that id's time, because
 * rising ids keep the store's writes together, and its shard, by which the store finds the push.
 */
export function buildEndPushId(rang: string, word: CallEndWord, form: EndForm): string {
  const digest = createHash("sha256").update(`${rang} ${word} ${form}`).digest("hex");
  const place = NAMES_PLACE.exec(rang)?.[1] ?? digest.slice(16, 18);
  return `${rang.slice(0, TIME_LENGTH)}${digest.slice(0, 3)}-8${digest.slice(3, 6)}-${digest.slice(6, 16)}${place}`;
}
