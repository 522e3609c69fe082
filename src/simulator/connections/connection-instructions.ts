import { isObject } from "../exchange.ts";
import {
  checkFields,
  HTTP2_CODE,
  integerIn,
  InvalidInstructionsError,
  oneOf,
  TEXT,
  type Rule,
} from "../instruction-rules.ts";
import { ACTIONS, LAST_STREAMS, type Action, type ConnectionScript, type ConnectionStep } from "./connection-script.ts";

const STREAMS = integerIn(0, 2 ** 31 - 1);
const COUNT = integerIn(1, Number.MAX_SAFE_INTEGER);
const MILLISECONDS = integerIn(0, 600_000);

const SCRIPT_RULES = {
  on: oneOf(["open", "next", "all"]),
  times: COUNT,
  streams: STREAMS,
  steps: { expected: "an array", isGood: Array.isArray },
} satisfies Record<keyof ConnectionScript, Rule>;

const STEP_RULES = {
  do: oneOf(ACTIONS),
  afterRequests: COUNT,
  afterErrors: COUNT,
  afterPings: COUNT,
  afterMs: MILLISECONDS,
  streams: STREAMS,
  code: HTTP2_CODE,
  last: oneOf(LAST_STREAMS),
  reason: TEXT,
  debugData: TEXT,
  forMs: MILLISECONDS,
} satisfies Record<keyof ConnectionStep, Rule>;

/** Members that each action allows, besides those that say when it is due. */
const MEMBERS_OF = {
  goaway: ["code", "last", "reason", "debugData"],
  settings: ["streams"],
  silence: ["forMs"],
  "reset-streams": ["code"],
  junk: [],
  end: [],
  drop: [],
  reset: [],
} satisfies Record<Action, readonly (keyof ConnectionStep)[]>;

const MEMBERS_OF_ALL = ["do", "afterRequests", "afterErrors", "afterPings", "afterMs"];

/**
 * Parses `{ "on": "next", "times": 1, "streams": 1, "steps": [ … ] }`. Only `on` is required. Throws
 * InvalidInstructionsError.
 */
export function parseConnectionScript(json: unknown): ConnectionScript {
  if (!isObject(json)) throw new InvalidInstructionsError(['expected an object {"on": "next", "steps": […]}']);
  const script = { steps: [], ...json };
  const problems = checkFields({ on: undefined, ...script }, SCRIPT_RULES, "script");
  const steps: readonly unknown[] = Array.isArray(script.steps) ? script.steps : [];
  problems.push(...steps.flatMap((step, index) => checkStep(step, `steps[${index}]`)));
  if (problems.length > 0) throw new InvalidInstructionsError(problems);
  return script as unknown as ConnectionScript;
}

function checkStep(step: unknown, path: string): string[] {
  if (!isObject(step)) return [`${path}: expected an object`];
  const problems = checkFields({ do: undefined, ...step }, STEP_RULES, path);
  if (problems.length > 0) return problems;
  const action = step["do"] as Action;
  const known: readonly string[] = [...MEMBERS_OF_ALL, ...MEMBERS_OF[action]];
  const strangers = Object.keys(step).filter((key) => !known.includes(key));
  return [
    ...strangers.map((key) => `${path}.${key}: ${action} has none; it knows ${known.join(", ")}`),
    ...(action === "settings" && step["streams"] === undefined ? [`${path}.streams: settings needs it`] : []),
  ];
}
