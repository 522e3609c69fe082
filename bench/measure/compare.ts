import { interleave } from "../arithmetic/interleave.ts";
import { summarize, type Summary } from "../arithmetic/statistics.ts";
import type { Party } from "../stage/party.ts";
import type { Stage } from "../stage/stage.ts";
import { measureLoad, type LoadPlan, type Sample } from "./measure-load.ts";

/** A party under one load, with all its samples. */
export interface Row {
  readonly party: string;
  readonly load: string;
  readonly samples: readonly Sample[];
}

export interface NamedPlan extends LoadPlan {
  /** `closed`, or `500/s`. */
  readonly name: string;
}

/** Measures the parties in turn, A B B A, under one load. */
export async function compare(
  stage: Stage,
  parties: readonly Party[],
  plan: NamedPlan,
  rounds: number,
): Promise<readonly Row[]> {
  const samples = new Map<Party, Sample[]>(parties.map((party) => [party, []]));
  for (const party of interleave(parties, rounds)) samples.get(party)?.push(await measureLoad(stage, party, plan));
  return [...samples].map(([{ name }, taken]) => ({ party: name, load: plan.name, samples: taken }));
}

export function summarizeRow({ samples }: Row, read: (sample: Sample) => number): Summary | undefined {
  return summarize(samples.map(read));
}

/** Median of a party's figure over the median of the floor's in the same run. Undefined if one was not measured. */
export function ratioOf(
  row: Row | undefined,
  base: Row | undefined,
  read: (sample: Sample) => number,
): number | undefined {
  if (row === undefined || base === undefined) return undefined;
  const [value, floor] = [summarizeRow(row, read), summarizeRow(base, read)];
  return value === undefined || floor === undefined ? undefined : value.median / floor.median;
}
