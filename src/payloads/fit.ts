import { cutText, readText, sumUpTo, type LongText } from "./cut-text.ts";
import { findLast } from "./find-last.ts";
import { compact } from "../push/compact.ts";

/** Parts of a push that may be shortened. */
export interface Content {
  readonly data: Readonly<Record<string, string>>;
  readonly alert?: string;
}

export interface PayloadSize {
  /** Renders the payload and returns its size in bytes. This decides what fits. */
  readonly measure: (content: Content) => number;
  /**
   * Estimates the bytes that a member of `data` adds to the payload. A poor estimate only costs a few more calls of
   * `measure`.
   */
  readonly memberBytes: (name: string, value: string) => number;
}

/** The whole stanza. The app can fetch it, and it is the usual reason for a payload that is too large. */
const FULL_MESSAGE = "full_message";
const MESSAGE = "message";

/**
 * Makes a push small enough for its provider. `full_message` is dropped first; then message and alert are shortened
 * alike, at a character boundary. If that is not enough, the longest other members are dropped, and the texts get the
 * room.
 *
 * The payload is rendered only a few times however many members there are: sizes are added up to find the limit, and
 * rendering confirms it.
 */
export function fitContent(content: Content, size: PayloadSize, limitBytes: number): Content {
  const fits = (candidate: Content) => size.measure(candidate) <= limitBytes;
  if (fits(content)) return content;
  const lean = FULL_MESSAGE in content.data ? without(content, [FULL_MESSAGE]) : content;
  if (lean !== content && fits(lean)) return lean;
  const texts = readTexts(lean, size, limitBytes);
  const { rest, cutBytes } = dropLongest(lean, texts, size, limitBytes);
  if (fits(rest)) return rest;
  const guess = guessLength(withoutDropped(texts, rest), limitBytes - cutBytes);
  const length = findLast((candidate) => fits(cutTexts(rest, texts, candidate)), guess, limitBytes);
  return cutTexts(rest, texts, length);
}

interface Texts {
  readonly message: LongText | undefined;
  readonly alert: LongText | undefined;
}

function readTexts({ data, alert }: Content, { memberBytes }: PayloadSize, limitBytes: number): Texts {
  const none = memberBytes("", "");
  const bytesOf = (text: string) => memberBytes("", text) - none;
  const read = (text: string | undefined) => (text === undefined ? undefined : readText(text, limitBytes, bytesOf));
  return { message: read(data[MESSAGE]), alert: read(alert) };
}

/** Cuts message and alert after the same number of characters. */
function cutTexts(content: Content, { message, alert }: Texts, length: number): Content {
  return compact({
    data:
      message === undefined || content.data[MESSAGE] === undefined
        ? content.data
        : { ...content.data, [MESSAGE]: cutText(message, length) },
    alert: alert === undefined ? undefined : cutText(alert, length),
  });
}

interface Dropped {
  readonly rest: Content;
  /** Size of the remaining content with its texts cut to the minimum. */
  readonly cutBytes: number;
}

/** Drops the longest members, the message last, until the rest fits with its texts cut to the minimum. */
function dropLongest(content: Content, texts: Texts, size: PayloadSize, limitBytes: number): Dropped {
  const measureCut = (candidate: Content) => size.measure(cutTexts(candidate, texts, 0));
  const cutBytes = measureCut(content);
  if (cutBytes <= limitBytes) return { rest: content, cutBytes };

  const names = sortLongestFirst(content);
  const keep = (count: number) => without(content, names.slice(0, names.length - count));
  const sizes = names.map((name) => size.memberBytes(name, content.data[name] ?? ""));
  const guess = countKept(sizes, cutBytes - limitBytes);
  const kept = findLast((count) => measureCut(keep(count)) <= limitBytes, guess, names.length - 1);
  const rest = keep(kept);
  return { rest, cutBytes: measureCut(rest) };
}

function sortLongestFirst({ data }: Content): string[] {
  const lengths = Object.entries(data).map(
    ([name, value]) => [name, name === MESSAGE ? 0 : name.length + value.length] as const,
  );
  return lengths.toSorted(([, a], [, b]) => b - a).map(([name]) => name);
}

/** Returns how many members are left once the first ones have freed `excess` bytes. */
function countKept(sizes: readonly number[], excess: number): number {
  let freed = 0;
  const last = sizes.findIndex((bytes) => (freed += bytes) >= excess);
  return last < 0 ? 0 : sizes.length - last - 1;
}

function without(content: Content, names: readonly string[]): Content {
  const dropped = new Set(names);
  return { ...content, data: Object.fromEntries(Object.entries(content.data).filter(([name]) => !dropped.has(name))) };
}

function withoutDropped({ message, alert }: Texts, { data }: Content): Texts {
  return { message: data[MESSAGE] === undefined ? undefined : message, alert };
}

/** Returns the greatest length at which both texts together take at most `room` bytes more than at length 0. */
function guessLength({ message, alert }: Texts, room: number): number {
  const longest = Math.max(message?.ends.length ?? 0, alert?.ends.length ?? 0);
  for (let length = longest; length > 0; length -= 1) {
    if (sumUpTo(message, length) + sumUpTo(alert, length) <= room) return length;
  }
  return 0;
}

/** Returns the size of a JSON member in bytes, with the comma before it. */
export function jsonMemberBytes(name: string, value: string): number {
  return Buffer.byteLength(JSON.stringify(name)) + Buffer.byteLength(JSON.stringify(value)) + 2;
}

/** Returns the size of a member whose name and value are counted unencoded. */
export function plainMemberBytes(name: string, value: string): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value);
}
