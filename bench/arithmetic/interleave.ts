/**
 * Returns the order in which parties are measured: A B B A A B B A … With it, a steady change of the machine's load
 * falls on all of them alike. Each party comes once per round.
 */
export function interleave<T>(parties: readonly T[], rounds: number): readonly T[] {
  return Array.from({ length: rounds }, (_, round) => (round % 2 === 0 ? parties : parties.toReversed())).flat();
}
