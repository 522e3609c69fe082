import type { Alarms } from "../gateway/alarms.ts";
import type { Readiness } from "../http/http-deps.ts";
import { describeFullQueue } from "./describe-full-queue.ts";
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
