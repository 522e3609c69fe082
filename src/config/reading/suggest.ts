/** Returns the name that was probably meant: the nearest one, if at most a third of the letters differ. */
export function suggest(found: string, names: readonly string[]): string | undefined {
  const wanted = fold(found);
  const ranked = names
    .map((name) => ({ name, distance: distanceOf(wanted, fold(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/** Swapped letters count as one mistake. */
function distanceOf(a: string, b: string): number {
  const sorted = (name: string) => name.split("").toSorted().join("");
  return a !== b && sorted(a) === sorted(b) ? 1 : editDistance(a, b);
}

/** Levenshtein distance, computed with two rows. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.split("").entries()) {
    const current = [row + 1];
    for (const [column, other] of b.split("").entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
