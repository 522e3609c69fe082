import type { Alarm, AlarmKind } from "./alarm.ts";
import type { Clock } from "./clock.ts";
import type { GatewayEvents } from "./gateway-events.ts";

/** Current alarms. Raising an active alarm only updates its text; clearing an inactive one does nothing. */
export interface Alarms {
  raise(kind: AlarmKind, app: string, detail: string): void;
  clear(kind: AlarmKind, app: string): void;
  /** Reports active alarms again that were not reported for a day. */
  remind(): void;
  /** Returns the active alarms, oldest first. */
  list(): readonly Alarm[];
}

export interface AlarmsDeps {
  readonly events: Pick<GatewayEvents, "alarmRaised" | "alarmCleared">;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;

export function createAlarms({ events, clock }: AlarmsDeps): Alarms {
  const standing = new Map<string, Alarm>();
  const reportedAt = new Map<string, number>();
  const report = (key: string, alarm: Alarm): void => {
    reportedAt.set(key, clock());
    events.alarmRaised(alarm);
  };
  return {
    raise(kind, app, detail) {
      const key = `${kind} ${app}`;
      const before = standing.get(key);
      const alarm = { kind, app, detail, since: before?.since ?? clock() };
      standing.set(key, alarm);
      if (before === undefined) report(key, alarm);
    },
    clear(kind, app) {
      const key = `${kind} ${app}`;
      const alarm = standing.get(key);
      if (alarm === undefined) return;
      standing.delete(key);
      reportedAt.delete(key);
      events.alarmCleared(alarm);
    },
    remind() {
      for (const [key, alarm] of standing) {
        if (clock() - (reportedAt.get(key) ?? 0) >= DAY_MS) report(key, alarm);
      }
    },
    list: () => [...standing.values()],
  };
}
