import { setTimeout as pause } from "node:timers/promises";

/** Lets load run during a fault. To wait for an event, use `pollUntil` instead. */
export async function letLoadRun(ms: number): Promise<void> {
  await pause(ms);
}
