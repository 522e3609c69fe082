/**
 * For `node --import`: makes the process die at once when it builds a notification for an iPhone whose text contains
 * the marker, like a process that runs out of memory or stack.
 */
import { Notification } from "@parse/node-apn";

const MARKER = "kills its gateway";

Object.defineProperty(Notification.prototype, "rawPayload", {
  set(payload: unknown) {
    if (JSON.stringify(payload).includes(MARKER)) process.kill(process.pid, "SIGKILL");
    Object.defineProperty(this, "rawPayload", { value: payload, writable: true, enumerable: true, configurable: true });
  },
  configurable: true,
});
