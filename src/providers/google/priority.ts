import { priorityKindOf, type PushRequest, type RequestedKind } from "../../push/push.ts";

export type Priority = "high" | "normal";
/** Those that are configured. */
export type PriorityByKind = Readonly<Partial<Record<RequestedKind, Priority>>>;

/**
 * Google keeps `high` for what is urgent and what a person sees, and such a push wakes a sleeping phone. A silent message may wait for the phone.
 * https://firebase.google.com/docs/cloud-messaging/android-message-priority
 */
export function choosePriority({ kind, silent }: PushRequest, configured: PriorityByKind): Priority {
  const asked = priorityKindOf(kind);
  return configured[asked] ?? (silent && asked !== "call" ? "normal" : "high");
}
