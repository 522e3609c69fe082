import type { StoreClock } from "../../gateway/store-clock.ts";
import { createSteadyClock } from "../../gateway/steady-clock.ts";
import { describeAbsentShards } from "./absent-shards.ts";
import { describeMissingChannelFixtureht } from "./channel-right.ts";
import { requireFormat } from "./format.ts";
import { createMarks } from "./marks.ts";
import { readReadiness, type Readiness } from "./readiness.ts";
import { explain, notDurable } from "./redis-error.ts";
import type { RedisStoreOptions } from "./redis-options.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";
import { readTimes } from "./time.ts";

export interface RedisHealth extends Readiness {
  /** Data that was lost, and what to do; undefined if there was no loss in the last hour. */
  readonly lost?: string;
  /**
   * How far the machine's clock is ahead of Redis's, or in a Cluster of the node that differs most. Undefined if no
   * node answered.
   */
  readonly skewMs?: number;
}

export interface Look {
  /** Checks everything, and keeps the result for `requireDurability`. Never rejects. */
  readonly run: () => Promise<RedisHealth>;
  /** Throws if the last check found that Redis does not keep data as configured. */
  readonly requireDurability: () => void;
}

export interface LookDeps {
  readonly session: RedisSession;
  readonly keys: Keys;
  readonly options: Pick<RedisStoreOptions, "durability" | "version" | "mayUpgrade">;
  readonly storeClock: StoreClock;
}

/** Checks Redis for everything but pushes: durability, lost data, and its time. */
export function createLook({ session, keys, options, storeClock }: LookDeps): Look {
  const marks = createMarks(session, keys, createSteadyClock());
  let refusal: string | undefined;

  return {
    requireDurability() {
      if (refusal !== undefined) throw notDurable(session.where, refusal);
    },
    async run() {
      const [found, skewMs] = await Promise.all([checkAll(session, keys, options), readSkew(session, storeClock)]);
      // A replica would refuse the write, and ioredis closes a connection on which that happens.
      const { problems, durability } = found.readiness;
      const isWritable = found.isAnswered && options.mayUpgrade;
      if (isWritable && problems.every((problem) => durability.includes(problem))) await marks.look();
      const { lostShards } = marks;
      // A Redis that does not answer is assumed to have the same settings as before.
      if (found.isAnswered) refusal = found.readiness.refusal;
      return {
        ...found.readiness,
        ...(lostShards === 0 ? {} : { lost: describeLoss(session, lostShards, keys.shards.length) }),
        ...(skewMs === undefined ? {} : { skewMs }),
      };
    },
  };
}

async function checkAll(session: RedisSession, keys: Keys, { durability, version }: LookDeps["options"]) {
  try {
    const [found, absent, silenced] = await Promise.all([
      readReadiness(session, durability),
      describeAbsentShards(session, keys),
      describeMissingChannelFixtureht(session, keys),
    ]);
    const readiness = {
      ...found,
      degraded: [...found.degraded, ...[absent, silenced].filter((text) => text !== undefined)],
    };
    // The format key may be on the node that is away.
    if (readiness.ready && absent === undefined) await requireFormat(session, keys, version);
    return { readiness, isAnswered: true };
  } catch (error) {
    const problems = [explain(session.where, error).message];
    return {
      readiness: { ready: false, problems, degraded: [], durability: [] } satisfies Readiness,
      isAnswered: false,
    };
  }
}

/** Returns undefined if no node answers. */
async function readSkew(session: RedisSession, storeClock: StoreClock): Promise<number | undefined> {
  const readings = await readTimes(session, storeClock).catch(() => []);
  for (const reading of readings) storeClock.note(reading);
  const skews = readings.map((reading) => storeClock.readSkewMs(reading));
  return skews.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0];
}

function describeLoss({ where }: RedisSession, lost: number, all: number): string {
  const what =
    lost === all
      ? "its data: pushes, devices and preferences are gone"
      : `the data of ${lost} of ${all} shards: the pushes, devices and preferences in them are gone`;
  return `${where} has lost ${what}. Restore a backup, or let the apps register again, and look at its persistence. This stands for an hour after it was noticed.`;
}
