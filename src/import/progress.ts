/** Shows the progress of an import. A later text replaces the previous one. */
export interface Progress {
  update(text: string): void;
}

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
}

const WIDTH = 24;
/** An estimate from the first moments would be useless. */
const GUESS_AFTER_MS = 3_000;

/** `writing devices  [######------]  50 %  1 min 20 s left` */
export function formatProgress(what: string, { done, total, elapsedMs }: ProgressState): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const bar = "#".repeat(Math.floor(share * WIDTH)).padEnd(WIDTH, "-");
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const canGuess = share > 0 && share < 1 && elapsedMs >= GUESS_AFTER_MS;
  const left = canGuess ? `  ${formatDuration((elapsedMs / share) * (1 - share))} left` : "";
  return `${what}  [${bar}] ${percent}${left}`;
}

export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en");
}
