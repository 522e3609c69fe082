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
