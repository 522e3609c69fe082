export interface RepeatedLine {
  /** Lines with the same key are repeats of each other. */
  readonly key: string;
  readonly first: () => void;
  /** Says that it happened `times` more. */
  readonly again: (times: number) => void;
}

interface Repeats {
  times: number;
  again: (times: number) => void;
}

/** Beyond this many keys at a time, all others are repeats of one. */
const MOST_KEYS = 1_000;
const OTHERS = "others";

/** Logs the first of many lines that say the same, and then at intervals how many have followed. */
export function createRepeatedLines(everyMs: number): (line: RepeatedLine) => void {
  const known = new Map<string, Repeats>();

  function sumUpLater(key: string, repeats: Repeats): void {
    const timer = setTimeout(() => {
      if (repeats.times === 0) {
        known.delete(key);
        return;
      }
      repeats.again(repeats.times);
      repeats.times = 0;
      sumUpLater(key, repeats);
    }, everyMs);
    timer.unref();
  }

  return ({ key: wanted, first, again }) => {
    const key = known.size >= MOST_KEYS && !known.has(wanted) ? OTHERS : wanted;
    const repeats = known.get(key);
    if (repeats !== undefined) {
      repeats.times += 1;
      repeats.again = again;
      return;
    }
    first();
    const begun = { times: 0, again };
    known.set(key, begun);
    sumUpLater(key, begun);
  };
}
