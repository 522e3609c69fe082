import { pino } from "pino";
import { writeFields, type LogFields } from "./log-fields.ts";
import { maskSecrets } from "./mask-secrets.ts";

/** The levels that a line can have. */
export type LineLevel = "debug" | "info" | "warn" | "error";
/** From which level on lines are written. */
export type LogLevel = "trace" | LineLevel | "silent";

/** One JSON object per line: `time`, `level`, `msg`, and fields of the list in `log-fields.ts`. */
export type Logger = {
  readonly [L in LineLevel]: (message: string, fields?: LogFields) => void;
};

export interface LoggerDeps {
  readonly level: LogLevel;
  readonly destination: { write(line: string): void };
  /** The number of the worker process, for every line; absent where there is one process only. */
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

/** A busy gateway writes many lines in one millisecond, and formatting the time is most of the price of a line. */
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
