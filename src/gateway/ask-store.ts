import { GatewayError } from "./errors.ts";
import type { GatewayEvents } from "./gateway-events.ts";
import { isUndone, readDoubt, readForClients, type StoreDoubt } from "./store-error.ts";

const DOUBTS: Readonly<Record<StoreDoubt, string>> = {
  silent: "did not answer, so it is not certain that this was done",
  failed: "failed midway, so it is not certain that this was done",
  not_replicated: "did this, but too few of its replicas have it, so it may be lost",
};

/**
 * Runs a store operation for a waiting client. A failure is reported here and becomes a GatewayError that asks the
 * client to try again.
 */
export async function askStore<T>(events: GatewayEvents, what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    events.storeFailed(what, error);
    const reason = readForClients(error);
    const why = reason === undefined ? "" : `${reason} `;
    const detail = isUndone(error)
      ? `The gateway's store cannot do this now (${what}): nothing was done. ${why}Try again.`
      : `The gateway's store ${DOUBTS[readDoubt(error)]} (${what}). Try again.`;
    throw new GatewayError("store_unavailable", detail, { retryAfterSeconds: 1, cause: error });
  }
}
