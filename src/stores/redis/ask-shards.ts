/** Asks all shards at once, for what only one of them has. One that does not answer matters only where no other one has it. */
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

/** What those answer that can: a lost node of a Cluster must not stop the work on the others. Rejects where none can. */
export async function askWhoAnswers<T>(asked: readonly Promise<T>[]): Promise<readonly T[]> {
  const answers = await Promise.allSettled(asked);
  const values = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const failed = answers.find((answer) => answer.status === "rejected");
  if (values.length === 0 && failed !== undefined) throw failed.reason;
  return values;
}
