/** Returns the milliseconds of CPU time that a run takes: the minimum of several, which is the least disturbed one. */
export async function measureCpu(run: () => Promise<unknown>, rounds = 5): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
