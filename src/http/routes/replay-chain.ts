import type { Push } from "../../push/push.ts";

/** Nobody replays one push more often than that. */
const MOST_LINKS = 20;

export type GetPush = (id: string) => Promise<Push | undefined>;

/** A push after those that it replaced and before those that replaced it, the oldest first. */
export async function followReplays(get: GetPush, push: Push): Promise<readonly Push[]> {
  const older = await follow(get, push, ({ request }) => request.replayOf);
  const newer = await followNewer(get, push);
  return [...older.toReversed(), push, ...newer];
}

/** Those that replaced a push, the oldest first. */
export function followNewer(get: GetPush, push: Push): Promise<readonly Push[]> {
  return follow(get, push, ({ replayed }) => replayed?.as);
}

async function follow(
  get: GetPush,
  push: Push,
  readNext: (push: Push) => string | undefined,
): Promise<readonly Push[]> {
  const found: Push[] = [];
  let next = readNext(push);
  while (next !== undefined && found.length < MOST_LINKS) {
    const linked = await get(next);
    if (linked === undefined) break;
    found.push(linked);
    next = readNext(linked);
  }
  return found;
}
