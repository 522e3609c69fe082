/** Limits of the pushes that wait for their end. */
export interface QueueLimits {
  readonly pushes: number;
  /** Total size of requests. */
  readonly bytes: number;
  /** Share of each limit for pushes other than those about calls. The rest is reserved for calls. */
  readonly messagesPercent: number;
  /** Share of the queue that one domain may fill. */
  readonly domainPercent: number;
  /** Pushes per callee. */
  readonly calleePushes: number;
}

/** Pushes that wait for their end. */
export interface QueueLoad {
  readonly pushes: number;
  readonly bytes: number;
  /** Those that do not concern calls. */
  readonly messages: number;
  readonly messageBytes: number;
}

/** Loads of the queue, of a domain and of a callee. */
export interface QueueLoads {
  readonly queue: QueueLoad;
  readonly domain: QueueLoad;
  readonly callee: QueueLoad;
}

/** Bounds that can refuse a push. `messages` is the part of the queue that is not reserved for calls. */
export const QUEUE_BOUNDS = ["queue", "messages", "domain", "callee"] as const;
export type QueueBound = (typeof QUEUE_BOUNDS)[number];

export const NO_LOAD: QueueLoad = { pushes: 0, bytes: 0, messages: 0, messageBytes: 0 };

/** Limits of a queue, domain or callee. A message is already refused at `messages`. */
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
    // The bytes count for the callee's domain.
    callee: build({ pushes: calleePushes, bytes: Infinity }),
  };
}

/** At least 1, so that the smallest queue accepts a message. */
function share(limit: number, percent: number): number {
  return limit === Infinity ? limit : Math.max(1, Math.floor((limit * percent) / 100));
}

/** Returns the bound that refuses one more push, or undefined if there is room. */
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

/** Used part of each bound, from 0 to 1. `domain` is that of the domain with the largest used part. */
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
