/** The parts of a push that may be shortened. */
export interface Content {
  readonly data: Readonly<Record<string, string>>;
  readonly alert?: string;
}

/** The whole stanza: the app can fetch it, and it is what makes a push too large. */
const FULL_MESSAGE = "full_message";
const MESSAGE = "message";
const ELLIPSIS = "…";

/**
 * Makes a push small enough for its provider: first `full_message` goes, then message and alert are shortened alike, at a character
 * boundary, then the longest other members go. `measure` answers the size in bytes of the whole.
 */
export function fitContent(content: Content, measure: (content: Content) => number, limitBytes: number): Content {
  if (measure(content) <= limitBytes) return content;
  const lean = without(content, FULL_MESSAGE);
  if (measure(lean) <= limitBytes) return lean;
  const short = shortenTexts(lean, measure, limitBytes);
  return measure(short) <= limitBytes ? short : dropLongest(short, measure, limitBytes);
}

/** The longest beginning of message and alert that fits. */
function shortenTexts(content: Content, measure: (content: Content) => number, limitBytes: number): Content {
  const texts = { message: splitCharacters(content.data[MESSAGE]), alert: splitCharacters(content.alert) };
  const cut = (length: number): Content => ({
    data: texts.message === undefined ? content.data : { ...content.data, [MESSAGE]: cutAt(texts.message, length) },
    ...(texts.alert === undefined ? {} : { alert: cutAt(texts.alert, length) }),
  });
  let fits = 0;
  let tooLong = Math.max(texts.message?.length ?? 0, texts.alert?.length ?? 0);
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (measure(cut(middle)) <= limitBytes) fits = middle;
    else tooLong = middle;
  }
  return cut(fits);
}

function dropLongest(content: Content, measure: (content: Content) => number, limitBytes: number): Content {
  const names = Object.keys(content.data).toSorted((a, b) => lengthOf(content, b) - lengthOf(content, a));
  let rest = content;
  for (const name of names) {
    if (measure(rest) <= limitBytes) break;
    rest = without(rest, name);
  }
  return rest;
}

function lengthOf({ data }: Content, name: string): number {
  return name.length + (data[name]?.length ?? 0);
}

function without(content: Content, name: string): Content {
  const { [name]: _dropped, ...data } = content.data;
  return { ...content, data };
}

/** What a person takes for one character: an emoji with its skin tone, a letter with its accent. */
const CHARACTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function splitCharacters(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : Array.from(CHARACTERS.segment(text), ({ segment }) => segment);
}

function cutAt(characters: readonly string[], length: number): string {
  return characters.length <= length ? characters.join("") : characters.slice(0, length).join("") + ELLIPSIS;
}
