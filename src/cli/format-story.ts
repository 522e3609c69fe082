import { printable, wrapText } from "./output.ts";
import { formatExplanation } from "./push-report.ts";
import type { Story } from "../trace/story.ts";
import { formatOffset } from "../trace/time-words.ts";
import type { Trouble } from "../trace/trouble.ts";

/** Returns the story as lines for a person. */
export function formatStory({ title, startedAt, moments, conclusion, troubles }: Story): string[] {
  const offsets = moments.map(({ at }) => formatOffset(at - startedAt));
  const width = Math.max(...offsets.map(({ length }) => length));
  return [
    printable(title),
    `Begun at ${new Date(startedAt).toISOString()}`,
    "",
    ...moments.flatMap(({ text }, index) => wrapText(`  ${(offsets[index] ?? "").padStart(width)}  `, printable(text))),
    "",
    ...wrapText("", printable(conclusion)),
    ...troubles.flatMap(formatTrouble),
  ];
}

function formatTrouble({ phones, reason, explanation, isReached }: Trouble): string[] {
  const what = `${phones.length > 1 ? "were" : "was"} not ${isReached ? "there in time" : "reached"}`;
  const whose = phones.length === 0 ? "" : `${phones.join(", ")} ${what}: `;
  return ["", printable(`${whose}${reason}`), ...formatExplanation(explanation)];
}
