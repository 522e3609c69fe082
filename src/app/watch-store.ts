import type { AlarmKind } from "../gateway/alarm.ts";
import type { Alarms } from "../gateway/alarms.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { Sleep } from "../gateway/sleep.ts";
import type { StoreHealth, Stores } from "./open-stores.ts";

export interface WatchStoreDeps {
  readonly stores: Pick<Stores, "inspect">;
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  readonly events: Pick<GatewayEvents, "storeFailed">;
  readonly sleep: Sleep;
}

/** Checks the store every few seconds until disposed, and raises alarms. */
export interface StoreWatch extends AsyncDisposable {
  /** Checks it now. */
  look(): Promise<StoreHealth>;
}

const EVERY_MS = 5_000;
/** Smaller differences are normal for a machine's clock. */
const MAX_SKEW_MS = 2_000;
/** App name of the gateway's own alarms. */
const OWN = "gateway";

export function watchStore({ stores, alarms, events, sleep }: WatchStoreDeps): StoreWatch {
  const stop = new AbortController();
  const set = (kind: AlarmKind, detail: string | undefined): void => {
    if (detail === undefined) alarms.clear(kind, OWN);
    else alarms.raise(kind, OWN, detail);
  };
  const look = async (): Promise<StoreHealth> => {
    const health = await stores.inspect();
    const { durability, lost, skewMs } = health;
    set("store_durability", durability.length === 0 ? undefined : durability.join(" "));
    set("store_lost_data", lost);
    // A store that does not answer says nothing about the clocks, so the previous finding stands.
    if (skewMs !== undefined) set("clock_skew", Math.abs(skewMs) > MAX_SKEW_MS ? describeSkew(skewMs) : undefined);
    return health;
  };
  const watch = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await look().catch((error: unknown) => events.storeFailed("look at the store", error));
      await sleep(EVERY_MS, stop.signal);
    }
  };
  const watching = watch();
  return {
    look,
    [Symbol.asyncDispose]() {
      stop.abort();
      return watching;
    },
  };
}

function describeSkew(skewMs: number): string {
  const seconds = (Math.abs(skewMs) / 1_000).toFixed(1);
  const where = skewMs > 0 ? "ahead of" : "behind";
  return (
    `This machine's clock is ${seconds} s ${where} the store's. Deadlines are kept by the store's clock, so no push suffers, but times in the ` +
    "log and signatures for Apple and Google may be wrong. Let chrony or systemd-timesyncd set the clock of both machines; 'sip-pushd check' compares this one with NTP servers."
  );
}
