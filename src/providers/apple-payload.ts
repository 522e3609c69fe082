import { buildAlertText } from "../push/app-data.ts";
import { readApsWishes, type JsonObject } from "../push/content.ts";
import type { PushRequest } from "../push/push.ts";

/** https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns */
export type ApplePushType = "voip" | "alert" | "background";

const DEFAULT_SOUND = "default";

/** Returns the text of an alert; undefined for a background push, or if there is only a title. */
export function readAlertText(request: PushRequest): string | undefined {
  const { alert, title } = readApsWishes(request);
  if (alert !== undefined) return alert;
  return buildAlertText(request) || (title === undefined ? "" : undefined);
}

/** Builds Apple's `aps` dictionary. `alert` is the text, already shortened. */
export function buildAps(request: PushRequest, pushType: ApplePushType, alert: string | undefined): JsonObject {
  const raw = readRawAps(request);
  switch (pushType) {
    case "voip":
      return raw;
    case "background": {
      // A muted chat is silent, although its sender did not know.
      const { alert: _alert, sound: _sound, badge: _badge, ...rest } = raw;
      return { "content-available": 1, ...rest };
    }
    case "alert":
      return { ...buildShownAps(request, alert), ...raw };
  }
}

function buildShownAps(request: PushRequest, text: string | undefined): JsonObject {
  const { title, subtitle, sound, badge, category, threadId, mutableContent, interruptionLevel, ...rest } =
    readApsWishes(request);
  const isTitled = title !== undefined || subtitle !== undefined;
  return {
    ...rest.others,
    alert: isTitled ? dropUndefined({ title, subtitle, body: text }) : (text ?? ""),
    sound: sound ?? DEFAULT_SOUND,
    ...dropUndefined({
      badge,
      category,
      "thread-id": threadId,
      "mutable-content": mutableContent === true ? 1 : undefined,
      "interruption-level": interruptionLevel ?? chooseLevel(request),
      "content-available": rest.contentAvailable === true ? 1 : undefined,
    }),
  };
}

/** A call that is only an alert has to get through a Focus. */
function chooseLevel({ kind }: PushRequest): string | undefined {
  return kind === "call" ? "time-sensitive" : undefined;
}

/** Returns payload members beside `aps` from the raw block. */
export function readRawMembers({ raw }: PushRequest): JsonObject {
  const { aps: _aps, ...members } = raw?.apns ?? {};
  return members;
}

function readRawAps({ raw }: PushRequest): JsonObject {
  const aps = raw?.apns?.["aps"];
  return typeof aps === "object" && aps !== null ? (aps as JsonObject) : {};
}

/** Restores data that came as JSON. A text that was shortened is no longer JSON, and stays a text. */
export function restoreData(data: Readonly<Record<string, string>>, { structured = [] }: PushRequest): JsonObject {
  if (structured.length === 0) return data;
  const names = new Set(structured);
  return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, names.has(name) ? parseOr(text) : text]));
}

function parseOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function dropUndefined(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
