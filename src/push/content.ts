/** How much an alert may interrupt: https://developer.apple.com/documentation/usernotifications/unnotificationinterruptionlevel */
export const INTERRUPTION_LEVELS = ["passive", "active", "time-sensitive", "critical"] as const;
export type InterruptionLevel = (typeof INTERRUPTION_LEVELS)[number];

/** What a person sees and hears of a push, on phones of both platforms. */
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
  /** A later message of the same id replaces this one. */
  readonly collapseId?: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Members in a platform's own words, for what `PushContent` has no word for; checked by `findRawProblem`. */
export interface RawBlocks {
  /** Members of APNs' payload; those of its `aps` take the place of ours. */
  readonly apns?: JsonObject;
  /** Members of FCM's message. */
  readonly fcm?: JsonObject;
}

/** What is wanted for iPhones alone, as members of Apple's `aps` dictionary. */
export interface ApsWishes extends Omit<PushContent, "body" | "collapseId"> {
  readonly alert?: string;
  readonly subtitle?: string;
  readonly contentAvailable?: boolean;
  /** Members for which there is no word above, under Apple's own names. */
  readonly others?: JsonObject;
}

interface Shown {
  readonly aps: ApsWishes;
  readonly content?: PushContent;
}

/** What an iPhone shows: the content for all phones, and on top of it what was asked for iPhones alone. */
export function readApsWishes({ aps, content = {} }: Shown): ApsWishes {
  const { body, collapseId: _collapseId, ...shared } = content;
  return { ...shared, ...(body === undefined ? {} : { alert: body }), ...aps };
}

/** What an Android app gets of the content, as text beside its data; the body is added when its length is settled. */
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

/** The body under both of its names. */
export function buildBodyData(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { body, alert: body };
}
