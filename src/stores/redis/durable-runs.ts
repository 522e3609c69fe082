import type { RedisDurability } from "./redis-options.ts";
import { explain, notReplicated } from "./redis-error.ts";
import type { Script } from "./script.ts";
import { isUnknownScript, type Argument, type RedisSession } from "./session.ts";
import type { ShardKeys } from "./shards.ts";

export type RunDurably = (script: Script, keys: ShardKeys, args: readonly Argument[]) => Promise<unknown>;

type Replicas = Exclude<RedisDurability, string>;

interface Run {
  readonly script: Script;
  readonly keys: ShardKeys;
  readonly args: readonly Argument[];
  readonly answer: PromiseWithResolvers<unknown>;
}

/**
 * Runs scripts in groups, each followed by a WAIT in the same pipeline, because WAIT covers only writes of its own
 * connection. While one group waits for its replicas the next one gathers, so nothing else may use the session.
 */
export function createReplicatedRuns(session: RedisSession, replicas: Replicas): RunDurably {
  const lanes = new Map<string, { gathering: Run[]; isRunning: boolean }>();
  // In a Cluster a pipeline goes to one node, that of the shard.
  const laneOf = ([shard]: ShardKeys) => (session.client.isCluster ? shard : "");

  async function drain(name: string): Promise<void> {
    const lane = lanes.get(name);
    if (lane === undefined || lane.isRunning) return;
    lane.isRunning = true;
    // Runs of the same tick form one group.
    await new Promise(setImmediate);
    while (lane.gathering.length > 0) await runGroup(session, replicas, lane.gathering.splice(0));
    lane.isRunning = false;
  }

  return (script, keys, args) => {
    const name = laneOf(keys);
    const lane = lanes.get(name) ?? { gathering: [], isRunning: false };
    lanes.set(name, lane);
    const run = { script, keys, args, answer: Promise.withResolvers<unknown>() };
    lane.gathering.push(run);
    void drain(name);
    return run.answer.promise;
  };
}

/** Settles each run with its own answer. Never rejects. */
async function runGroup(session: RedisSession, replicas: Replicas, runs: readonly Run[]): Promise<void> {
  try {
    const { answers, copies } = await runPipeline(session, replicas, runs);
    for (const [index, { answer }] of runs.entries()) {
      const [error, value] = answers[index] ?? [new Error("no answer")];
      if (error) answer.reject(explain(session.where, error));
      else if (copies < replicas.replicas) answer.reject(notReplicated(session.where, replicas.replicas, copies));
      else answer.resolve(value);
    }
  } catch (error) {
    for (const { answer } of runs) answer.reject(error);
  }
}

type PipelineAnswers = readonly (readonly [error: Error | null, value?: unknown])[];

async function runPipeline(session: RedisSession, { replicas, timeoutMs }: Replicas, runs: readonly Run[]) {
  const send = (some: readonly Run[], isKnown: boolean) =>
    session.ask(async (client): Promise<PipelineAnswers> => {
      const pipeline = client.pipeline();
      for (const { script, keys, args } of some) {
        if (isKnown) pipeline.evalsha(script.sha, keys.length, ...keys, ...args);
        else pipeline.eval(script.source, keys.length, ...keys, ...args);
      }
      return (await pipeline.wait(replicas, timeoutMs).exec()) ?? [];
    });
  const first = readGroup(session, await send(runs, true));
  // Repeats only the scripts that Redis did not know: running another one twice might have a different meaning.
  const unknown = runs.flatMap((run, index) => (isUnknownScript(first.answers[index]?.[0]) ? [{ run, index }] : []));
  if (unknown.length === 0) return first;
  const again = unknown.map(({ run }) => run);
  const second = readGroup(session, await send(again, false));
  const answers = first.answers.map((answer, index) => {
    const at = unknown.findIndex((missing) => missing.index === index);
    return second.answers[at] ?? answer;
  });
  return { answers, copies: Math.min(first.copies, second.copies) };
}

/** Returns the answers of a group's runs, and the number of replicas that have its writes. */
function readGroup({ where }: RedisSession, answers: PipelineAnswers) {
  const [waitError, copies] = answers.at(-1) ?? [];
  if (waitError) throw explain(where, waitError);
  return { answers: answers.slice(0, -1), copies: Number(copies) };
}
