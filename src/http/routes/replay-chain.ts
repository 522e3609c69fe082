import type { Push } from "../../push/push.ts";

/** Limit of replays of one push. */
const MOST_LINKS = 20;

export type GetPush = (id: string) => Promise<Push | undefined>;

/** Returns a push with those that it replaced and those that replaced it, oldest first. */
export async function followReplays(get: GetPush, push: Push): Promise<readonly Push[]> {
  const older = await follow(get, push, ({ request }) => request.replayOf);
  const newer = await followNewer(get, push);
  return [...older.toReversed(), push, ...newer];
}

/** Returns the pushes that replaced a push, oldest first. */
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
