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
 * boundary; where that is not enough the longest other members go, and the texts get the room. `measure` answers the size in
 * bytes of the whole.
 */
export function fitContent(content: Content, measure: (content: Content) => number, limitBytes: number): Content {
  const fits = (candidate: Content) => measure(candidate) <= limitBytes;
  if (fits(content)) return content;
  const lean = without(content, FULL_MESSAGE);
  if (fits(lean)) return lean;
  const cutTexts = createCutTexts(lean, limitBytes);
  const rest = dropLongest(lean, (candidate) => fits(cutTexts(candidate, 0)));
  return fits(rest)
    ? rest
    : cutTexts(
        rest,
        longestThat((length) => fits(cutTexts(rest, length)), limitBytes),
      );
}

/** Leaves out the longest members, texts aside, until the rest is small enough. */
function dropLongest(content: Content, isSmall: (content: Content) => boolean): Content {
  const textsLast = (name: string) => (name === MESSAGE ? 0 : lengthOf(content, name));
  const names = Object.keys(content.data).toSorted((a, b) => textsLast(b) - textsLast(a));
  let rest = content;
  for (const name of names) {
    if (isSmall(rest)) break;
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

/** No more of them than could ever fit, each being a byte at least: to split a long text takes a while. */
function splitCharacters(text: string, limit: number): string[] {
  const characters: string[] = [];
  for (const { segment } of CHARACTERS.segment(text)) {
    if (characters.push(segment) > limit) break;
  }
  return characters;
}

function cutAt(characters: readonly string[], length: number): string {
  return characters.length <= length ? characters.join("") : characters.slice(0, length).join("") + ELLIPSIS;
}

type CutTexts = (content: Content, length: number) => Content;

/** Cuts message and alert after as many characters each. */
function createCutTexts({ data, alert }: Content, limit: number): CutTexts {
  const message = data[MESSAGE] === undefined ? undefined : splitCharacters(data[MESSAGE], limit);
  const shown = alert === undefined ? undefined : splitCharacters(alert, limit);
  return (content, length) => ({
    data:
      message === undefined || content.data[MESSAGE] === undefined
        ? content.data
        : { ...content.data, [MESSAGE]: cutAt(message, length) },
    ...(shown === undefined ? {} : { alert: cutAt(shown, length) }),
  });
}

/** The greatest length up to `limit` for which it holds, as far as halving finds it. */
function longestThat(holds: (length: number) => boolean, limit: number): number {
  let good = 0;
  let bad = limit + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
