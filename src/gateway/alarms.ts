import type { Alarm, AlarmKind } from "./alarm.ts";
import type { Clock } from "./clock.ts";
import type { GatewayEvents } from "./gateway-events.ts";

/** What is wrong now. Raising what is raised changes its words at most, clearing what is not raised does nothing. */
export interface Alarms {
  raise(kind: AlarmKind, app: string, detail: string): void;
  clear(kind: AlarmKind, app: string): void;
  /** Those that stand, the oldest first. */
  list(): readonly Alarm[];
}

export interface AlarmsDeps {
  readonly events: Pick<GatewayEvents, "alarmRaised" | "alarmCleared">;
  readonly clock: Clock;
}

export function createAlarms({ events, clock }: AlarmsDeps): Alarms {
  const standing = new Map<string, Alarm>();
  return {
    raise(kind, app, detail) {
      const key = `${kind} ${app}`;
      const before = standing.get(key);
      const alarm = { kind, app, detail, since: before?.since ?? clock() };
      standing.set(key, alarm);
      if (before !== undefined) return;
      events.alarmRaised(alarm);
    },
    clear(kind, app) {
      const key = `${kind} ${app}`;
      const alarm = standing.get(key);
      if (alarm === undefined) return;
      standing.delete(key);
      events.alarmCleared(alarm);
    },
    list: () => [...standing.values()],
  };
}
