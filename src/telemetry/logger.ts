import { pino } from "pino";
import { writeFields, type LogFields } from "./log-fields.ts";
import { maskSecrets } from "./mask-secrets.ts";

/** Level of a line. */
export type LineLevel = "debug" | "info" | "warn" | "error";
/** Lowest level that is written. */
export type LogLevel = "trace" | LineLevel | "silent";

/** One JSON object per line: `time`, `level`, `msg`, and fields of the list in `log-fields.ts`. */
export type Logger = {
  readonly [L in LineLevel]: (message: string, fields?: LogFields) => void;
};

export interface LoggerDeps {
  readonly level: LogLevel;
  readonly destination: { write(line: string): void };
  /** Number of the worker process, added to every line; undefined if there is only one process. */
  readonly worker?: number | undefined;
}

export function createLogger({ level, destination, worker }: LoggerDeps): Logger {
  const lines = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      timestamp: createTimestamp(),
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const at = (lineLevel: LineLevel) => (message: string, fields?: LogFields) => {
    if (!lines.isLevelEnabled(lineLevel)) return;
    lines[lineLevel](fields === undefined ? {} : writeFields(fields), maskSecrets(message));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/**
 * Caches the formatted time. A busy gateway writes many lines per millisecond, and formatting the time is most of a
 * line's cost.
 */
function createTimestamp(): () => string {
  let last = 0;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== last) {
      last = now;
      text = `,"time":"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}
