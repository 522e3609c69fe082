/** How much may wait for its end at once. */
export interface QueueLimits {
  readonly pushes: number;
  /** Of requests. */
  readonly bytes: number;
  /** The part of each limit that pushes other than those about calls may fill; the rest is kept for calls. */
  readonly messagesPercent: number;
  /** The part of the queue that one domain may fill. */
  readonly domainPercent: number;
  /** Pushes to one callee. */
  readonly calleePushes: number;
}

/** What waits for its end. */
export interface QueueLoad {
  readonly pushes: number;
  readonly bytes: number;
  /** Those of them that are not about calls. */
  readonly messages: number;
  readonly messageBytes: number;
}

/** Whom a load is counted for. */
export interface QueueLoads {
  readonly queue: QueueLoad;
  readonly domain: QueueLoad;
  readonly callee: QueueLoad;
}

/** Bounds that refuse a push. `messages`: the part of the queue that is not kept for calls. */
export const QUEUE_BOUNDS = ["queue", "messages", "domain", "callee"] as const;
export type QueueBound = (typeof QUEUE_BOUNDS)[number];

export const NO_LOAD: QueueLoad = { pushes: 0, bytes: 0, messages: 0, messageBytes: 0 };

/** The most that a queue, a domain or a callee may hold; a message is refused at `messages` already. */
export interface LoadLimit {
  readonly all: Pick<QueueLoad, "pushes" | "bytes">;
  readonly messages: Pick<QueueLoad, "pushes" | "bytes">;
}

export type LoadLimits = Readonly<Record<keyof QueueLoads, LoadLimit>>;

export function buildLoadLimits(limits: QueueLimits): LoadLimits {
  const { pushes, bytes, messagesPercent, domainPercent, calleePushes } = limits;
  const build = (all: LoadLimit["all"]): LoadLimit => ({
    all,
    messages: { pushes: share(all.pushes, messagesPercent), bytes: share(all.bytes, messagesPercent) },
  });
  return {
    queue: build({ pushes, bytes }),
    domain: build({ pushes: share(pushes, domainPercent), bytes: share(bytes, domainPercent) }),
    // Its bytes count for its domain.
    callee: build({ pushes: calleePushes, bytes: Infinity }),
  };
}

/** At least 1, so that the smallest queue still takes a message. */
function share(limit: number, percent: number): number {
  return limit === Infinity ? limit : Math.max(1, Math.floor((limit * percent) / 100));
}

/** The bound that refuses one push more; undefined if there is room. */
export function findFullBound(isCall: boolean, loads: QueueLoads, limits: LoadLimits): QueueBound | undefined {
  const isFull = (holder: keyof QueueLoads) => {
    const { pushes, bytes } = loads[holder];
    return pushes >= limits[holder].all.pushes || bytes >= limits[holder].all.bytes;
  };
  const hasNoRoomForMessages = (holder: keyof QueueLoads) => {
    const { messages, messageBytes } = loads[holder];
    return messages >= limits[holder].messages.pushes || messageBytes >= limits[holder].messages.bytes;
  };
  if (isFull("queue")) return "queue";
  if (!isCall && hasNoRoomForMessages("queue")) return "messages";
  return (["domain", "callee"] as const).find((holder) => isFull(holder) || (!isCall && hasNoRoomForMessages(holder)));
}

/** How much of each bound is used, 1 being all of it; `domain` is the domain that has used most of its own. */
export interface QueueUse {
  readonly queue: number;
  readonly messages: number;
  readonly domain: number;
}

export function readQueueUse(queue: QueueLoad, domains: readonly QueueLoad[], limits: LoadLimits): QueueUse {
  const useOfAll = ({ pushes, bytes }: QueueLoad, { all }: LoadLimit) =>
    Math.max(pushes / all.pushes, bytes / all.bytes);
  const useOfMessages = (load: QueueLoad, { messages }: LoadLimit) =>
    Math.max(load.messages / messages.pushes, load.messageBytes / messages.bytes);
  return {
    queue: useOfAll(queue, limits.queue),
    messages: useOfMessages(queue, limits.queue),
    domain: Math.max(
      0,
      ...domains.map((load) => Math.max(useOfAll(load, limits.domain), useOfMessages(load, limits.domain))),
    ),
  };
}
