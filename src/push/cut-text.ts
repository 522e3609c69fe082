/** A text that may have to be shortened, cut into what a person takes for one character each. */
export interface LongText {
  readonly text: string;
  /** Where each character ends in the text; those that can never fit are left out. */
  readonly ends: readonly number[];
  /** Bytes of the text up to the end of each character. */
  readonly sums: readonly number[];
  /** Whether `ends` has all characters of the text. */
  readonly isComplete: boolean;
  readonly ellipsisBytes: number;
}

const ELLIPSIS = "…";

/** An emoji with its skin tone is one character, and so is a letter with its accent. */
const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** `bytesOf` returns the bytes that a text takes in the payload: at least one for each UTF-16 unit. */
export function readText(text: string, limitBytes: number, bytesOf: (text: string) => number): LongText {
  // A character that ends beyond the limit cannot fit, so the end of a text of megabytes is not even looked at.
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

/** The first `length` characters, with an ellipsis if any are missing. */
export function cutText({ text, ends, isComplete }: LongText, length: number): string {
  if (isComplete && ends.length <= length) return text;
  return text.slice(0, length === 0 ? 0 : ends[Math.min(length, ends.length) - 1]) + ELLIPSIS;
}

/** How many bytes more than at length 0 the text takes at this length. */
export function sumUpTo(long: LongText | undefined, length: number): number {
  if (long === undefined || length === 0 || long.ends.length === 0) return 0;
  const { ends, sums, isComplete, ellipsisBytes } = long;
  const isWhole = isComplete && length >= ends.length;
  return (sums[Math.min(length, ends.length) - 1] ?? 0) - (isWhole ? ellipsisBytes : 0);
}
