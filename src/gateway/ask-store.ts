import { GatewayError } from "./errors.ts";
import type { GatewayEvents } from "./gateway-events.ts";
import { isUndone, readForClients } from "./store-error.ts";

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
      : `The gateway's store did not answer, so it is not certain that this was done (${what}). Try again.`;
    throw new GatewayError("store_unavailable", detail, { retryAfterSeconds: 1, cause: error });
  }
}
