/** An event with its time. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Formats a duration for people: `48 ms`, `1.2 s`, `2 min 5 s`. */
export function formatSpan(ms: number): string {
  if (ms < 0) return `-${formatSpan(-ms)}`;
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 100 * SECOND) return `${Number((ms / SECOND).toFixed(1))} s`;
  const seconds = Math.round(ms / SECOND) * SECOND;
  if (seconds < HOUR) return join(seconds, MINUTE, "min", SECOND, "s");
  if (seconds < DAY) return join(seconds, HOUR, "h", MINUTE, "min");
  return join(seconds, DAY, "d", HOUR, "h");
}

function join(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** Formats the time since the beginning, to the millisecond while that is useful. */
export function formatOffset(ms: number): string {
  const sign = ms < 0 ? "-" : "+";
  const size = Math.abs(ms);
  return sign + (size < 100 * SECOND ? `${(size / SECOND).toFixed(3)} s` : formatSpan(size));
}

/** Returns the time of day in UTC, as in the log. */
export function formatClock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** The same with its date, unless that is the day of `from`. */
export function formatClockFrom(from: number, at: number): string {
  const [day, other] = [from, at].map((instant) => new Date(instant).toISOString().slice(0, 10));
  return day === other ? formatClock(at) : `${other} ${formatClock(at)}`;
}
