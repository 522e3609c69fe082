import type { FaultRig } from "./fault-rig.ts";
import { startLoad, type Load, type LoadOptions } from "./load.ts";

const USUAL = { perSecond: 200, concurrency: 64, ttlSeconds: [60], shareWithoutRepeat: 0.1 } as const;

type Wishes = Partial<
  Pick<LoadOptions, "perSecond" | "concurrency" | "ttlSeconds" | "shareWithoutRepeat" | "kinds" | "subscribers">
>;

/** Starts the usual clients on this rig. A scenario states only what differs. */
export function startRigLoad(rig: FaultRig, wishes: Wishes = {}): Load {
  const { client, ledger, random, subscribers } = rig;
  return rig.use(startLoad({ client, ledger, random, subscribers, ...USUAL, ...wishes }));
}
