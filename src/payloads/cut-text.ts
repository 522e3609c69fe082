/** A text that may have to be shortened, split into user-perceived characters. */
export interface LongText {
  readonly text: string;
  /** End of each character in the text. Characters that can never fit are omitted. */
  readonly ends: readonly number[];
  /** Size in bytes of the text up to the end of each character. */
  readonly sums: readonly number[];
  /** True if `ends` covers the whole text. */
  readonly isComplete: boolean;
  readonly ellipsisBytes: number;
}

const ELLIPSIS = "…";

/** An emoji with its skin tone is one character, and so is a letter with its accent. */
const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Splits a text for shortening. `bytesOf` returns the size of a text in the payload, at least one byte per UTF-16 unit.
 */
export function readText(text: string, limitBytes: number, bytesOf: (text: string) => number): LongText {
  // A character beyond the limit cannot fit, so the rest of a very long text is not read.
  const head = text.slice(0, limitBytes + 1);
  const ends: number[] = [];
  const sums: number[] = [];
  let bytes = 0;
  for (const { segment, index } of CHARACTERS.segment(head)) {
    bytes += bytesOf(segment);
    ends.push(index + segment.length);
    sums.push(bytes);
  }
  const isComplete = head.length === text.length;
  if (!isComplete) ends.pop();
  return { text, ends, sums, isComplete, ellipsisBytes: bytesOf(ELLIPSIS) };
}

/** Returns the first `length` characters, with an ellipsis if any are missing. */
export function cutText({ text, ends, isComplete }: LongText, length: number): string {
  if (isComplete && ends.length <= length) return text;
  return text.slice(0, length === 0 ? 0 : ends[Math.min(length, ends.length) - 1]) + ELLIPSIS;
}

/** Returns how many more bytes the text takes at this length than at length 0. */
export function sumUpTo(long: LongText | undefined, length: number): number {
  if (long === undefined || length === 0 || long.ends.length === 0) return 0;
  const { ends, sums, isComplete, ellipsisBytes } = long;
  const isWhole = isComplete && length >= ends.length;
  return (sums[Math.min(length, ends.length) - 1] ?? 0) - (isWhole ? ellipsisBytes : 0);
}
