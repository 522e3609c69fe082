import { TRANSPORTS, type Behaviour, type TokenFacts, type TokenInstructions } from "./behaviour.ts";
import { isObject } from "./exchange.ts";

/** What is wrong with the instructions for a token; each problem names its key. */
export class InvalidInstructionsError extends Error {
  override readonly name = "InvalidInstructionsError";
  readonly code = "invalid_instructions";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The instructions cannot be used: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

interface Rule {
  readonly expected: string;
  isGood(value: unknown): boolean;
}

const TEXT: Rule = {
  expected: "a string that is not empty",
  isGood: (value) => typeof value === "string" && value !== "",
};

const BEHAVIOUR_RULES = {
  status: integerIn(200, 599),
  reason: TEXT,
  timestamp: integerIn(0, Number.MAX_SAFE_INTEGER),
  retryAfterSeconds: integerIn(0, 86_400),
  delayMs: integerIn(0, 600_000),
  transport: oneOf(TRANSPORTS),
  goawayCode: integerIn(0, 13),
  times: integerIn(1, Number.MAX_SAFE_INTEGER),
} satisfies Record<keyof Behaviour, Rule>;

const FACT_RULES = {
  environment: oneOf(["production", "sandbox"]),
  topic: TEXT,
  projectId: TEXT,
  canonicalToken: TEXT,
} satisfies Record<keyof TokenFacts, Rule>;

/** `{ "behaviours": [ … ], "facts": { … } }`; both may be left out. */
export function parseTokenInstructions(json: unknown): Partial<TokenInstructions> {
  if (!isObject(json)) throw new InvalidInstructionsError(['expected an object {"behaviours": […], "facts": {…}}']);
  const { behaviours, facts, ...others } = json;
  const problems = Object.keys(others).map((key) => `${key}: unknown; only behaviours and facts are known`);
  if (behaviours !== undefined && !Array.isArray(behaviours)) problems.push("behaviours: expected an array");
  const list: readonly unknown[] = Array.isArray(behaviours) ? behaviours : [];
  problems.push(...list.flatMap((entry, index) => checkFields(entry, BEHAVIOUR_RULES, `behaviours[${index}]`)));
  if (facts !== undefined) problems.push(...checkFields(facts, FACT_RULES, "facts"));
  if (problems.length > 0) throw new InvalidInstructionsError(problems);
  return {
    ...(behaviours === undefined ? {} : { behaviours: list as readonly Behaviour[] }),
    ...(facts === undefined ? {} : { facts: facts as TokenFacts }),
  };
}

function checkFields(value: unknown, rules: Readonly<Record<string, Rule>>, path: string): string[] {
  if (!isObject(value)) return [`${path}: expected an object`];
  return Object.entries(value).flatMap(([key, field]) => {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) return [`${path}.${key}: unknown; known are ${Object.keys(rules).join(", ")}`];
    return rule.isGood(field) ? [] : [`${path}.${key}: expected ${rule.expected}, found ${JSON.stringify(field)}`];
  });
}

function integerIn(least: number, most: number): Rule {
  return {
    expected: `an integer from ${least} to ${most}`,
    isGood: (value) => typeof value === "number" && Number.isInteger(value) && value >= least && value <= most,
  };
}

function oneOf(choices: readonly string[]): Rule {
  return {
    expected: `one of ${choices.join(", ")}`,
    isGood: (value) => typeof value === "string" && choices.includes(value),
  };
}
