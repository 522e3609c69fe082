/**
 * Returns the greatest number from 0 to `max` for which `holds` is true, or 0 if there is none. `holds` must be true up
 * to some number and false above it. It is called twice if `guess` is right, and otherwise a number of times that grows
 * with the logarithm of the error.
 */
export function findLast(holds: (candidate: number) => boolean, guess: number, max: number): number {
  const start = Math.min(Math.max(guess, 0), max);
  return holds(start) ? climb(holds, start, max) : descend(holds, start);
}

function climb(holds: (candidate: number) => boolean, start: number, max: number): number {
  let good = start;
  for (let step = 1; good < max; step *= 2) {
    const next = Math.min(good + step, max);
    if (!holds(next)) return bisect(holds, good, next);
    good = next;
  }
  return good;
}

function descend(holds: (candidate: number) => boolean, start: number): number {
  let bad = start;
  for (let step = 1; bad > 0; step *= 2) {
    const next = Math.max(bad - step, 0);
    if (next === 0 || holds(next)) return bisect(holds, next, bad);
    bad = next;
  }
  return 0;
}

function bisect(holds: (candidate: number) => boolean, from: number, to: number): number {
  let good = from;
  let bad = to;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
