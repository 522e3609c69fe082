import type { Config } from "../config/config.ts";
import type { Alarms } from "../gateway/alarms.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { HttpDeps } from "../http/http-deps.ts";
import { watchLoopDelay } from "../http/overload/loop-delay.ts";
import { Shedder } from "../http/overload/shedder.ts";

export interface OverloadDeps {
  readonly config: Pick<Config, "limits" | "store">;
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  readonly events: Pick<GatewayEvents, "shed">;
}

const REPORT_MS = 1_000;
/** Number of reports without a refusal after which the alarm is cleared. */
const CALM_REPORTS = 10;
/** SQLite waits for the disk on the event loop. */
const DISK_FACTOR = 4;

const DETAIL =
  "The gateway has more to do than it can, and refuses requests with 503 so that the others are served in time. Give it more processor time, or more processes (processes), or send less.";

/** Creates the load shedder, or returns undefined if the configuration disables it. */
export function watchOverload({ config, alarms, events }: OverloadDeps) {
  const { loopDelayMs, requestAgeMs: oldestMs } = config.limits;
  if (loopDelayMs === 0) return undefined;
  const waitsForDisk = config.store.kind === "sqlite" && config.store.durability === "disk";
  const targetMs = waitsForDisk ? loopDelayMs * DISK_FACTOR : loopDelayMs;
  const delay = watchLoopDelay();
  const shedder = new Shedder({ targetMs, oldestMs, now: () => performance.now() });
  let refused = 0;
  let calmReports = 0;
  let timer: NodeJS.Timeout | undefined;

  function report(): void {
    calmReports = refused > 0 ? 0 : calmReports + 1;
    if (refused > 0) events.shed(refused);
    refused = 0;
    if (calmReports < CALM_REPORTS) return;
    alarms.clear("overloaded", "gateway");
    clearInterval(timer);
    timer = undefined;
  }

  return {
    shedder,
    readDelayMs: () => delay.read(),
    onRefused() {
      refused += 1;
      if (timer !== undefined) return;
      alarms.raise("overloaded", "gateway", DETAIL);
      calmReports = 0;
      timer = setInterval(report, REPORT_MS).unref();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      delay[Symbol.dispose]();
    },
  } satisfies NonNullable<HttpDeps["overload"]> & Disposable;
}
