import { isIPv6 } from "node:net";
import { createRetryBudget, type RetryBudget } from "../push/retry-budget.ts";

export interface RateLimit {
  /** Takes one of the client's requests; false where it has none left. A client is an IP address, or any other name. */
  take(client: string, now: number): boolean;
}

export interface RateLimitOptions {
  /** What a client may do in a period; a rested one may do it all at once. */
  readonly count: number;
  readonly periodMs: number;
  /** Beyond, the client that asked least recently is forgotten. */
  readonly maxClients?: number;
}

const MAX_CLIENTS = 20_000;

export function createRateLimit({ count, periodMs, maxClients = MAX_CLIENTS }: RateLimitOptions): RateLimit {
  const budgets = new Map<string, RetryBudget>();
  return {
    take(name, now) {
      const client = clientOf(name);
      const budget = budgets.get(client) ?? createBudget(count, periodMs);
      budgets.delete(client);
      budgets.set(client, budget);
      const [oldest] = budgets.keys();
      if (budgets.size > maxClients && oldest !== undefined) budgets.delete(oldest);
      return budget.spend(now);
    },
  };
}

function createBudget(count: number, periodMs: number): RetryBudget {
  return createRetryBudget({ share: 0, perSecond: (count * 1000) / periodMs, savings: count });
}

/** Who has IPv6 has a /64 of it. */
function clientOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - groups.length - after }, () => "0");
  return [...groups, ...zeros, ...(tail ?? "").split(":")].slice(0, 4).join(":");
}
