/**
 * How much an alert may interrupt the user:
 * https://developer.apple.com/documentation/usernotifications/unnotificationinterruptionlevel
 */
export const INTERRUPTION_LEVELS = ["passive", "active", "time-sensitive", "critical"] as const;
export type InterruptionLevel = (typeof INTERRUPTION_LEVELS)[number];

/** The part of a push that the user sees and hears, for phones of both platforms. */
export interface PushContent {
  readonly title?: string;
  readonly body?: string;
  readonly sound?: string;
  readonly badge?: number;
  readonly category?: string;
  readonly threadId?: string;
  /** An iPhone's service extension may change the alert before it is shown. */
  readonly mutableContent?: boolean;
  readonly interruptionLevel?: InterruptionLevel;
  /** A later message with the same id replaces this one. */
  readonly collapseId?: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Members in a platform's own terms, for features that `PushContent` lacks. `findRawProblem` checks them. */
export interface RawBlocks {
  /** Members of APNs' payload. Those in its `aps` override the gateway's. */
  readonly apns?: JsonObject;
  /** Members of FCM's message. */
  readonly fcm?: JsonObject;
}

/** Content for iPhones only, as members of Apple's `aps` dictionary. */
export interface ApsWishes extends Omit<PushContent, "body" | "collapseId"> {
  readonly alert?: string;
  readonly subtitle?: string;
  readonly contentAvailable?: boolean;
  /** Members with no field above, under Apple's names. */
  readonly others?: JsonObject;
}

interface Shown {
  readonly aps: ApsWishes;
  readonly content?: PushContent;
}

/** Returns what an iPhone shows: the common content, overridden by the content for iPhones. */
export function readApsWishes({ aps, content = {} }: Shown): ApsWishes {
  const { body, collapseId: _collapseId, ...shared } = content;
  return { ...shared, ...(body === undefined ? {} : { alert: body }), ...aps };
}

/**
 * Returns the content as text members for an Android app, without the body, which is added when its length is known.
 */
export function buildShownData({ content = {} }: Shown): Record<string, string> {
  const { title, sound, badge, category, threadId, interruptionLevel } = content;
  const members = {
    title,
    sound,
    badge: badge === undefined ? undefined : String(badge),
    category,
    thread_id: threadId,
    interruption_level: interruptionLevel,
  };
  return Object.fromEntries(
    Object.entries(members).filter((member): member is [string, string] => member[1] !== undefined),
  );
}

/** Returns the body under both of its names. */
export function buildBodyData(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { body, alert: body };
}
