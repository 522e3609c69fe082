export interface Rule {
  readonly pattern: RegExp;
  /** Advice for the author, ready to follow "write". */
  readonly instead: string;
}

/** Start of a sentence: of the passage, or after a full stop, colon or semicolon. */
const START = String.raw`(?:^|(?<=[.:;!?][\s]))`;

/** Phrases that a reader of plain English stumbles over. Case matters where a rule is about the start of a sentence. */
export const RULES: readonly Rule[] = [
  {
    pattern: new RegExp(`${START}(?:Who|Whom|Whose|Whoever)\\b[^.?]*(?![^.?]*\\?)`, "gu"),
    instead: 'name the subject: "A client that waits …", "The subscriber whose …"',
  },
  {
    pattern: new RegExp(`${START}(?:What|Whatever)\\b[^.?]*(?![^.?]*\\?)`, "gu"),
    instead: 'name the thing: "The pushes that …", "Text to write …"',
  },
  {
    pattern: /\b(?:undefined|absent|null|false|true|empty):? where\b/giu,
    instead: '"undefined if …"',
  },
  {
    pattern: /(?<!\bthere )(?<!\bThere )\b(?:is|are|was|were) none\b/gu,
    instead: '"is not one", "does not exist"',
  },
  {
    pattern: /(?<!\b[Tt]here )\b(?:is|are|was|were) no (?!longer\b|more\b|better\b|worse\b|less\b|other\b)[A-Za-z]/gu,
    instead: '"is not a …"',
  },
  { pattern: /\bin the place of\b/giu, instead: '"instead of"' },
  { pattern: /\b(?:made|makes?|making) good\b/giu, instead: '"completed", "repaired"' },
  { pattern: /\bin vain\b/giu, instead: 'say what happens: "still rings", "without effect"' },
  { pattern: /\bh(?:olds?|olding|eld) the line\b/giu, instead: '"waits"' },
  {
    pattern: /\banswers (?:how|what|until|whether|undefined|true|false|when|why|which|if)\b/giu,
    instead: '"returns …"',
  },
  { pattern: /\btell(?:s|ing)? (?:of|nothing)\b/giu, instead: '"reports", "shows"' },
  { pattern: /\bhears? of\b/giu, instead: '"is notified of", "learns"' },
  {
    pattern: /\bwhere (?:there (?:is|are)|none|nothing|nobody|somebody|no|it is|they are|one is)\b/giu,
    instead: '"if …"',
  },
  { pattern: new RegExp(`[,;] else\\b|${START}Else\\b`, "gu"), instead: '"otherwise"' },
  { pattern: /\bby way of\b/giu, instead: '"through"' },
  { pattern: /\bof old\b/giu, instead: '"former"' },
  { pattern: /\banew\b/giu, instead: '"again"' },
  {
    pattern: new RegExp(`${START}Whether\\b(?![^.?]*\\?)`, "gu"),
    instead: '"True if …", "Returns true if …"',
  },
  { pattern: /\bas (?:it|they) stands?\b/giu, instead: '"unchanged"' },
  { pattern: /\bunless (?:told|said|given)\b/giu, instead: '"by default"' },
];
