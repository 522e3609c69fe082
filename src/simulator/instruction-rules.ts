import { isObject } from "./exchange.ts";

/** Thrown for invalid instructions. Each problem names its key. */
export class InvalidInstructionsError extends Error {
  override readonly name = "InvalidInstructionsError";
  readonly code = "invalid_instructions";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The instructions cannot be used: ${problems.join("; ")}`);
    this.problems = problems;
  }
}

export interface Rule {
  readonly expected: string;
  isGood(value: unknown): boolean;
}

export const TEXT: Rule = {
  expected: "a string that is not empty",
  isGood: (value) => typeof value === "string" && value !== "",
};

/** May be empty, because a proxy may send an empty body. */
export const BODY: Rule = {
  expected: "a string",
  isGood: (value) => typeof value === "string",
};

export const HEADER_VALUE: Rule = {
  expected: "a header's value: printable ASCII, not empty",
  isGood: (value) => typeof value === "string" && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value),
};

/** Returns the problems with an object's members, each with its path. */
export function checkFields(value: unknown, rules: Readonly<Record<string, Rule>>, path: string): string[] {
  if (!isObject(value)) return [`${path}: expected an object`];
  return Object.entries(value).flatMap(([key, field]) => {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) return [`${path}.${key}: unknown; known are ${Object.keys(rules).join(", ")}`];
    return rule.isGood(field)
      ? []
      : [`${path}.${key}: expected ${rule.expected}, found ${JSON.stringify(field) ?? "nothing"}`];
  });
}

export function integerIn(least: number, most: number): Rule {
  return {
    expected: `an integer from ${least} to ${most}`,
    isGood: (value) => typeof value === "number" && Number.isInteger(value) && value >= least && value <= most,
  };
}

export function oneOf(choices: readonly string[]): Rule {
  return {
    expected: `one of ${choices.join(", ")}`,
    isGood: (value) => typeof value === "string" && choices.includes(value),
  };
}

/** RFC 9113 §7 names codes up to 13; a peer has to accept any other. */
export const HTTP2_CODE = integerIn(0, 2 ** 32 - 1);
