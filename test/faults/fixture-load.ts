import type { FaultHarness } from "./fault-harness.ts";
import { startLoad, type Load, type LoadOptions } from "./load.ts";

const USUAL = { perSecond: 200, concurrency: 64, ttlSeconds: [60], shareWithoutRepeat: 0.1 } as const;

type Wishes = Partial<
  Pick<LoadOptions, "perSecond" | "concurrency" | "ttlSeconds" | "shareWithoutRepeat" | "kinds" | "subscribers">
>;

/** Starts the usual clients on this fixture. A scenario states only what differs. */
export function startRigLoad(fixture: FaultHarness, wishes: Wishes = {}): Load {
  const { client, ledger, random, subscribers } = fixture;
  return fixture.use(startLoad({ client, ledger, random, subscribers, ...USUAL, ...wishes }));
}
