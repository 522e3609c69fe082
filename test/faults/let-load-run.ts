import { setTimeout as pause } from "node:timers/promises";

/** The moment of a fault: load goes on for so long. Not a wait for something to happen; for that there is `pollUntil`. */
export async function letLoadRun(ms: number): Promise<void> {
  await pause(ms);
}
