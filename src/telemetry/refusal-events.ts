import type { ErrorCode } from "../gateway/errors.ts";
import type { GatewayEvents, RefusedEvent } from "../gateway/gateway-events.ts";
import { levelOfRefusal } from "./event-levels.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { createRepeatedLines } from "./repeated-lines.ts";

export interface RefusalEventsDeps {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "count">;
}

export type RefusalEvents = Pick<GatewayEvents, "refused" | "shed" | "connectionRefused">;

/** Refusals of clients without rights, who may come as often as they like: their lines are summed up. */
const STRANGERS_CODES: ReadonlySet<string> = new Set(["unauthorized", "foreign_request"] satisfies ErrorCode[]);
const STRANGERS_EVERY_MS = 60_000;

/** Reports what the gateway turned away: requests, overload, connections. */
export function createRefusalEvents({ logger, metrics }: RefusalEventsDeps): RefusalEvents {
  const limited = createRepeatedLines(STRANGERS_EVERY_MS);
  return {
    refused(event) {
      const { dialect, code, field, hint, bound, remoteAddress } = event;
      const level = levelOfRefusal(code, hint);
      const fields = { dialect, code, field, hint, bound, remote_address: remoteAddress };
      const log = (more: object) => logger[level](messageOfRefusal(event), { ...fields, ...more });
      if (!STRANGERS_CODES.has(code)) log({});
      else limited({ key: `${code} ${remoteAddress}`, first: () => log({}), again: (times) => log({ times }) });
      metrics.count("pushesRefused", { dialect, code });
      if (bound !== undefined) metrics.count("queueFull", { bound });
    },
    shed(requests) {
      logger.warn("requests refused: the gateway has more to do than it can", { requests });
      metrics.count("requestsShed", {}, requests);
    },
    connectionRefused(remoteAddress) {
      const log = (more: object) =>
        logger.warn("connections refused: too many of this address have not shown a valid API key", {
          remote_address: remoteAddress,
          ...more,
        });
      limited({ key: `connection ${remoteAddress}`, first: () => log({}), again: (times) => log({ times }) });
      metrics.count("connectionsRefused", {});
    },
  };
}

/** Includes the hint in the message, because it tells the operator what to do. */
function messageOfRefusal({ detail, hint }: RefusedEvent): string {
  return hint === undefined ? `request refused: ${detail}` : `request refused: ${detail} What to do: ${hint}`;
}
