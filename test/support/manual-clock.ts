/** A clock that moves only when a test moves it. */
export interface ManualClock {
  (): number;
  advance(ms: number): void;
}

export function createManualClock(start = 1_800_000_000_000): ManualClock {
  let now = start;
  return Object.assign(() => now, {
    advance(ms: number) {
      now += ms;
    },
  });
}
