import { parseArgs } from "node:util";

export interface BenchOptions {
  /** Only the base case, briefly. */
  readonly isQuick: boolean;
  /** Exit code 1 if a target is missed. */
  readonly isStrict: boolean;
  /** Ids of the cases to run; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** Measurements of each party under each load; undefined for the default of the run. */
  readonly rounds: number | undefined;
  /** False to measure the `dist/` that is there. */
  readonly isBuilt: boolean;
  /** Path of the description of another gateway to measure beside this one. */
  readonly peer: string | undefined;
  readonly isHelp: boolean;
}

export const USAGE = `npm run bench -- [options]

  --quick         the base case alone, briefly (up to 3 minutes)
  --only A,B      these cases alone (they are listed in bench/README.md)
  --rounds N      measurements of each party under each load
  --peer FILE     beside another gateway, which FILE describes (bench/README.md)
  --strict        exit code 1 if a target is missed
  --no-build      measure dist/ as it is, without building it first
`;

/** Throws a TypeError that names the argument if it is unknown or no number. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      "no-build": { type: "boolean", default: false },
      peer: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  return {
    isQuick: values.quick,
    isStrict: values.strict,
    only: values.only?.split(","),
    rounds: values.rounds === undefined ? undefined : readCount("--rounds", values.rounds),
    isBuilt: !values["no-build"],
    peer: values.peer,
    isHelp: values.help,
  };
}

function readCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new TypeError(`${option} needs a whole number from 1 on, not ${text}.`);
  return count;
}
