import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 20;

/** Polls until the condition holds. Rejects with the last state after the timeout. */
export async function pollUntil(
  what: string,
  timeoutMs: number,
  look: () => boolean | string | Promise<boolean | string>,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen === true) return;
    if (performance.now() >= until) {
      throw new Error(`Waited ${timeoutMs} ms in vain for ${what}${seen === false ? "" : `: ${seen}`}`);
    }
    await pause(EVERY_MS);
  }
}
