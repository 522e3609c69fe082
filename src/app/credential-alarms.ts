import type { Config } from "../config/config.ts";
import type { CredentialFault } from "../config/credentials/file-record.ts";
import type { AlarmKind } from "../gateway/alarm.ts";
import type { Alarms } from "../gateway/alarms.ts";
import type { Clock } from "../gateway/clock.ts";
import type { Sleep } from "../gateway/sleep.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { listCredentialExpiries, type CertificateExpiry } from "./credential-expiries.ts";

export interface CredentialAlarmsDeps {
  readonly config: Config;
  readonly alarms: Alarms;
  readonly metrics: Pick<Metrics, "setCredentialExpiries">;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** Keeps alarms and expiries of credentials up to date until disposed. */
export interface CredentialAlarms extends AsyncDisposable {
  /** Call when another configuration is in force. */
  follow(config: Config): void;
  /** Call with all credentials that cannot be used now. */
  noteFaults(faults: readonly CredentialFault[]): void;
}

const DAY_MS = 86_400_000;
const ALARM_BEFORE_MS = 30 * DAY_MS;
const EVERY_MS = 3_600_000;

export function updateCredentialAlarms(deps: CredentialAlarmsDeps): CredentialAlarms {
  const { config, alarms, metrics, clock, sleep } = deps;
  const stop = new AbortController();
  const setFileAlarms = createAlarmSet("credential_file", alarms);
  const setExpiryAlarms = createAlarmSet("credential_expiry", alarms);
  let expiries: readonly CertificateExpiry[] = [];

  const checkExpiries = (): void => {
    const now = clock();
    const soon = expiries.filter(({ expiresAt }) => expiresAt - now < ALARM_BEFORE_MS);
    setExpiryAlarms(soon.map((expiry) => ({ app: expiry.owner, detail: describeExpiry(expiry, now) })));
  };
  const follow = (next: Config): void => {
    expiries = listCredentialExpiries(next);
    metrics.setCredentialExpiries(expiries);
    checkExpiries();
  };
  const tend = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await sleep(EVERY_MS, stop.signal);
      checkExpiries();
      alarms.remind();
    }
  };
  follow(config);
  const tending = tend();
  return {
    follow,
    noteFaults: setFileAlarms,
    [Symbol.asyncDispose]() {
      stop.abort();
      return tending;
    },
  };
}

interface Trouble {
  readonly app: string;
  readonly detail: string;
}

/** Raises one alarm of this kind for each app in trouble, and clears those raised before for others. */
function createAlarmSet(kind: AlarmKind, alarms: Alarms): (troubles: readonly Trouble[]) => void {
  let raised = new Set<string>();
  return (troubles) => {
    const apps = Map.groupBy(troubles, ({ app }) => app);
    for (const app of raised) if (!apps.has(app)) alarms.clear(kind, app);
    for (const [app, own] of apps) alarms.raise(kind, app, own.map(({ detail }) => detail).join(" "));
    raised = new Set(apps.keys());
  };
}

function describeExpiry({ file, expiresAt }: CertificateExpiry, now: number): string {
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  const verb = expiresAt <= now ? "expired" : "expires";
  return `The certificate in ${file} ${verb} on ${day}. Put a new one in its place: it is taken up by itself.`;
}
