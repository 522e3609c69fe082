/** HTML that may stand in a page as it is. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Value in a template: text is escaped, HTML and lists of it are not, and undefined leaves nothing. */
export type MarkupValue = string | Html | readonly Html[] | undefined;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Tag of a template whose values are escaped for HTML content and quoted attributes. Only HTML made by this tag, and
 * constants of the source in `new Html`, stay as they are. The lines of a list are joined by line breaks.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Html {
  return new Html(String.raw({ raw: parts }, ...values.map(render)));
}

/** Returns a translated sentence with HTML as its argument. */
export function fillIn(sentence: (inner: string) => string, inner: Html): Html {
  // No sentence contains this character.
  const [before = "", after = ""] = sentence("\0").split("\0", 2);
  return markup`${before}${inner}${after}`;
}

function render(value: MarkupValue): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
  return value instanceof Html ? value.toString() : value.map(render).join("\n");
}
