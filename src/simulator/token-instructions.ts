import { TRANSPORTS, type Behaviour, type TokenFacts, type TokenInstructions } from "./behaviour.ts";
import { ANSWER_SHAPES, isObject } from "./exchange.ts";
import {
  checkFields,
  HEADER_VALUE,
  integerIn,
  InvalidInstructionsError,
  HTTP2_CODE,
  oneOf,
  BODY,
  TEXT,
  type Rule,
} from "./instruction-rules.ts";

const BEHAVIOUR_RULES = {
  status: integerIn(200, 599),
  reason: TEXT,
  timestamp: integerIn(0, Number.MAX_SAFE_INTEGER),
  retryAfterSeconds: integerIn(0, 86_400),
  retryAfter: HEADER_VALUE,
  delayMs: integerIn(0, 600_000),
  transport: oneOf(TRANSPORTS),
  goawayCode: HTTP2_CODE,
  rstCode: HTTP2_CODE,
  body: BODY,
  bodyBytes: integerIn(0, 100_000_000),
  shape: oneOf(ANSWER_SHAPES),
  oneIn: integerIn(1, 1_000_000),
  times: integerIn(1, Number.MAX_SAFE_INTEGER),
} satisfies Record<keyof Behaviour, Rule>;

const FACT_RULES = {
  environment: oneOf(["production", "sandbox"]),
  topic: TEXT,
  projectId: TEXT,
  canonicalToken: TEXT,
} satisfies Record<keyof TokenFacts, Rule>;

/** Parses `{ "behaviours": [ … ], "facts": { … } }`. Both members are optional. Throws InvalidInstructionsError. */
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
