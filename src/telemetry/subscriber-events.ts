import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { Device } from "../push/device.ts";
import type { LogFields } from "./log-fields.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { compact } from "../push/compact.ts";

export type SubscriberEvents = Pick<
  GatewayEvents,
  "deviceRegistered" | "deviceUnregistered" | "contactNotLearned" | "preferencesChanged"
>;

export interface SubscriberEventsDeps {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "count">;
}

/** Logs and counts changes to devices and preferences. */
export function createSubscriberEvents({ logger, metrics }: SubscriberEventsDeps): SubscriberEvents {
  return {
    deviceRegistered(device, { created, displaced }) {
      logger.info("device registered", { ...fieldsOfDevice(device), created, displaced: displaced.length });
      for (const loser of displaced) {
        logger.info("device lost a token or its place to another registration", {
          subscriber: loser.subscriber,
          device: loser.deviceId,
        });
      }
      metrics.count("devicesRegistered", { provider: device.provider });
      metrics.count("devicesDisplaced", {}, displaced.length);
    },
    deviceUnregistered(subscriber, deviceId) {
      logger.info("device unregistered", { subscriber, device: deviceId });
      metrics.count("devicesUnregistered", {});
    },
    contactNotLearned(subscriber, { trouble, reason, uri }) {
      const message = `a REGISTER taught the gateway no phone: ${reason}`;
      logger.warn(message, compact({ subscriber, code: trouble, contact: uri }));
      metrics.count("contactsNotLearned", { reason: trouble });
    },
    preferencesChanged(whose, keys) {
      logger.info("preferences changed", { whose, keys });
      metrics.count("preferencesChanged", {});
    },
  };
}

function fieldsOfDevice({ subscriber, id, provider, app, environment }: Device): LogFields {
  return { subscriber, device: id, provider, app, environment };
}
