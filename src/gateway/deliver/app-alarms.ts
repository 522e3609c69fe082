import type { ExplainReason } from "../../push/explanations/explanation.ts";
import type { AppTrouble } from "../../push/throttled.ts";
import type { Target } from "../../push/push.ts";
import type { Alarms } from "../alarms.ts";

/** Raises and clears the alarms of one app. */
export interface AppAlarms {
  /** The provider refused the app for this reason, in answer to a push to this target. */
  refused(target: Target, reason: string): void;
  /** The provider accepted a push. */
  taken(target: Target): void;
  /** No push gets through; only probes are sent. */
  down(cause: AppTrouble): void;
  /** The provider asked for a pause of the whole app. */
  paused(ms: number, reason: string): void;
  /** Pushes get through. */
  up(): void;
}

/** A pause up to this length raises no alarm. */
const SHORT_PAUSE_MS = 5_000;

export interface AppAlarmsDeps {
  readonly alarms: Pick<Alarms, "raise" | "clear">;
  readonly explain: ExplainReason;
}

export function createAppAlarms(app: string, { alarms, explain }: AppAlarmsDeps): AppAlarms {
  /**
   * Token kinds and environments that are refused now: a certificate may work for calls only, or in one environment
   * only.
   */
  const refusedWays = new Set<string>();
  const wayOf = ({ tokenKind, environment }: Target): string => `${tokenKind} ${environment}`;
  return {
    refused(target, reason) {
      refusedWays.add(wayOf(target));
      const { meaning, likelyCause, whatToDo } = explain(reason);
      alarms.raise(
        "app_refused",
        app,
        `${app} is refused: ${reason}. ${meaning} Likely cause: ${likelyCause} What to do: ${whatToDo}`,
      );
    },
    taken(target) {
      refusedWays.delete(wayOf(target));
      if (refusedWays.size === 0) alarms.clear("app_refused", app);
    },
    down({ kind, reason }) {
      // The alarm of a refused app says already what is wrong.
      if (kind === "misconfigured") return;
      const { meaning, whatToDo } = explain(reason);
      const waiting =
        "Until a push gets through again one is tried every few seconds, calls first, and the others wait.";
      alarms.raise(
        "provider_down",
        app,
        `No push of ${app} gets through: ${reason}. ${meaning} ${waiting} What to do: ${whatToDo}`,
      );
    },
    paused(ms, reason) {
      if (ms < SHORT_PAUSE_MS) return;
      const { meaning, whatToDo } = explain(reason);
      const asked = `The provider asks ${app} for a pause of ${Math.round(ms / 1000)} s: ${reason}.`;
      alarms.raise("provider_down", app, `${asked} ${meaning} Its pushes wait so long. What to do: ${whatToDo}`);
    },
    up: () => alarms.clear("provider_down", app),
  };
}
