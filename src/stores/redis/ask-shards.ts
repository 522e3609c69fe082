import { RedisStoreError } from "./redis-error.ts";

/**
 * Asks all shards at once for something that only one has. Rejects if a shard does not answer and no other one has it.
 */
export async function findInShards<T>(
  shards: readonly string[],
  ask: (shard: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  const answers = await Promise.allSettled(shards.map(ask));
  for (const answer of answers) {
    if (answer.status === "fulfilled" && answer.value !== undefined) return answer.value;
  }
  for (const answer of answers) if (answer.status === "rejected") throw answer.reason;
  return undefined;
}

/**
 * Returns the answers of the shards that respond: a lost Cluster node must not stop the work on the others. Rejects if
 * none does.
 */
export async function askWhoAnswers<T>(asked: readonly Promise<T>[]): Promise<readonly T[]> {
  const answers = await Promise.allSettled(asked);
  const values = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const failed = answers.find((answer) => answer.status === "rejected");
  if (values.length === 0 && failed !== undefined) throw failed.reason;
  return values;
}

export interface PromptAnswers<T> {
  readonly values: readonly T[];
  /** Why other shards are missing; undefined if none is. */
  readonly failure: unknown;
}

/** How long to wait for slower shards after the first answer. */
const PATIENCE_MS = 250;

/**
 * Like `askWhoAnswers`, for queries that a client waits for: after the first answer the other shards have a short time.
 * A node that hangs would otherwise delay the work on the others until its command times out.
 */
export async function askPrompt<T>(asked: readonly Promise<T>[]): Promise<PromptAnswers<T>> {
  const values: T[] = [];
  const failures: unknown[] = [];
  const answered = asked.map((question) =>
    question.then(
      (value) => void values.push(value),
      (error: unknown) => void failures.push(error),
    ),
  );
  const all = Promise.all(answered);
  await Promise.any(asked).catch(() => all);
  await within(PATIENCE_MS, all);
  if (values.length === 0 && failures.length > 0) throw failures[0];
  const missing = asked.length - values.length;
  return { values: [...values], failure: missing === 0 ? undefined : (failures[0] ?? lagging(missing)) };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

function lagging(shards: number): RedisStoreError {
  const text = `${shards} shards had not answered ${PATIENCE_MS} ms after the first. Look at the load of their nodes.`;
  return new RedisStoreError("timeout", text);
}
