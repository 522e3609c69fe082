import { GERMAN } from "./de.ts";
import { ENGLISH } from "./en.ts";
import { LANGUAGES, type Language, type Texts } from "./texts.ts";

const TEXTS: Readonly<Record<Language, Texts>> = { en: ENGLISH, de: GERMAN };

/** A browser names a handful; what follows is not read. */
const MAX_RANGES = 20;

/** Returns the texts in a language; English if none is named. */
export function textsIn(language: Language = "en"): Texts {
  return TEXTS[language];
}

/** Returns the texts that an `Accept-Language` header (RFC 9110 §12.5.4) prefers; English if it names none of ours. */
export function chooseTexts(header: string | undefined): Texts {
  let [best, quality] = [ENGLISH, 0];
  for (const range of (header ?? "").split(",", MAX_RANGES)) {
    const [tag = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = readWeight(parameters);
    const language = LANGUAGES.find((known) => tag === known || tag.startsWith(`${known}-`));
    if (language !== undefined && weight > quality) [best, quality] = [TEXTS[language], weight];
  }
  return best;
}

function readWeight(parameters: readonly string[]): number {
  const [, value] =
    parameters.map((part) => /^q\s*=\s*([01](?:\.\d{0,3})?)$/.exec(part)).find((match) => match !== null) ?? [];
  if (value !== undefined) return Number(value);
  return parameters.some((part) => part.startsWith("q")) ? 0 : 1;
}
