import type { CallEndWord } from "../push/call-end.ts";
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

const CALL_END_TEXTS: Readonly<Record<string, string>> = {
  answered_elsewhere: "Call answered on another phone",
  declined_elsewhere: "Call declined on another phone",
  cancelled: "Missed call",
  missed: "Missed call",
} satisfies Record<CallEndWord, string>;

/** Returns the text of an alert for which the platform sent none. */
export function buildAlertText({ kind, caller, data, content }: PushRequest): string {
  const sender = data["sender_name"] || data["sender_number"] || caller || data["room_description"];
  if (kind === "call") return sender ? `Call from ${sender}` : "Incoming call";
  if (kind === "call_end")
    return `${CALL_END_TEXTS[data["event"] ?? ""] ?? "Call ended"}${caller ? `: ${caller}` : ""}`;
  const text = data["message"] ?? "";
  // The title names the sender already.
  if (content?.title !== undefined) return text;
  return sender ? `Message from ${sender}:\n${text}` : text || "New message";
}
