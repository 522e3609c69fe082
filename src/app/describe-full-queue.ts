import type { QueueUse } from "../push/queue-room.ts";

const FULL: Readonly<Record<keyof QueueUse, string>> = {
  queue: "full: every push is refused",
  messages: "no room for messages: they are refused, calls are taken",
  domain: "a domain has filled its part: its pushes are refused, those of other domains are taken",
};

/** A full queue does not make the gateway unready: it may still accept calls, and pushes of other domains. */
export function describeFullQueue(use: QueueUse): Readonly<Record<string, string>> {
  const full = (["queue", "messages", "domain"] as const).filter((bound) => use[bound] >= 1);
  return full.length === 0 ? {} : { queue: full.map((bound) => FULL[bound]).join("; ") };
}
