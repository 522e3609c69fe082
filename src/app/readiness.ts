import type { Alarms } from "../gateway/alarms.ts";
import type { Readiness } from "../http/http-deps.ts";
import type { QueueUse } from "../push/queue-room.ts";
import type { Stores } from "./open-stores.ts";
import type { StoreWatch } from "./watch-store.ts";

export interface ReadinessDeps {
  readonly stores: Pick<Stores, "pushes">;
  readonly storeWatch: Pick<StoreWatch, "look">;
  readonly alarms: Alarms;
}

/** The readiness of a gateway that is about to stop. */
export const STOPPING: Readiness = { ready: false, checks: { gateway: "stopping" } };

/** Returns the answer of `/readyz`. Never rejects. */
export async function readReadiness({ stores, storeWatch, alarms }: ReadinessDeps): Promise<Readiness> {
  try {
    const { pending } = await stores.pushes.depth();
    const { problems, degraded } = await storeWatch.look();
    if (problems.length > 0) return { ready: false, checks: { store: problems.join("; "), ...describeAlarms(alarms) } };
    const state = degraded.length === 0 ? "ok" : `degraded: ${degraded.join("; ")}`;
    const checks = { store: `${state}, ${pending} pending`, ...describeFullQueue(await stores.pushes.use()) };
    return { ready: true, degraded: degraded.length > 0, checks: { ...checks, ...describeAlarms(alarms) } };
  } catch (error) {
    return { ready: false, checks: { store: error instanceof Error ? error.message : String(error) } };
  }
}

/**
 * An alarm does not make the gateway unready: it still accepts and delivers everything that the alarm does not concern.
 */
function describeAlarms(alarms: Alarms): Record<string, string> {
  return Object.fromEntries(alarms.list().map(({ kind, app, detail }) => [`${kind} ${app}`, detail]));
}

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
