import ipaddr from "ipaddr.js";
import { createRetryBudget, type RetryBudget } from "../push/retry-budget.ts";

export interface RateLimit {
  /** Takes one of the client's requests; returns false if none is left. A client is an IP address or any other name. */
  take(client: string, now: number): boolean;
}

export interface RateLimitOptions {
  /** Requests that a client may make per `periodMs`. They may all come at once after a pause. */
  readonly count: number;
  readonly periodMs: number;
  /** Beyond this number, the client whose last request is oldest is forgotten. */
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

/** Returns the /64 of an IPv6 address, because a customer usually has a whole /64. */
function clientOf(name: string): string {
  if (!ipaddr.isValid(name)) return name;
  const address = ipaddr.process(name);
  return address.kind() === "ipv6" ? address.toNormalizedString().split(":", 4).join(":") : address.toString();
}
