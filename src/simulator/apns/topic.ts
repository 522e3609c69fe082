import type { ApnsReason } from "./answers.ts";

/** https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
const SUFFIX_OF_PUSH_TYPE = {
  alert: "",
  background: "",
  voip: ".voip",
  complication: ".complication",
  fileprovider: ".pushkit.fileprovider",
  location: ".location-query",
  liveactivity: ".push-type.liveactivity",
  pushtotalk: ".voip-ptt",
  controls: ".push-type.controls",
  widgets: ".push-type.widgets",
  // The topic is the subject UID of the MDM certificate, in any form.
  mdm: "",
} as const;

export type PushType = keyof typeof SUFFIX_OF_PUSH_TYPE;

// Longest first, so that `.pushkit.fileprovider` is not taken for a shorter suffix.
const SUFFIXES = [...new Set(Object.values(SUFFIX_OF_PUSH_TYPE))]
  .filter((suffix) => suffix !== "")
  .toSorted((left, right) => right.length - left.length);

export function isPushType(text: string): text is PushType {
  return Object.hasOwn(SUFFIX_OF_PUSH_TYPE, text);
}

export function isTopic(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/.test(text);
}

/** Splits a topic into its bundle id and the suffix of its push type. */
export function splitTopic(topic: string): { bundleId: string; suffix: string } {
  const suffix = SUFFIXES.find((candidate) => topic.endsWith(candidate)) ?? "";
  return { bundleId: topic.slice(0, topic.length - suffix.length), suffix };
}

/** Since 2019 Apple answers `InvalidPushType` if topic and push type do not match (Pr0Ger/PyAPNs2#87, apns2#23). */
export function checkTopicSuffix(topic: string, pushType: PushType | undefined): ApnsReason | undefined {
  if (pushType === undefined || pushType === "mdm") return undefined;
  return splitTopic(topic).suffix === SUFFIX_OF_PUSH_TYPE[pushType] ? undefined : "InvalidPushType";
}
