import { describe } from "vitest";
import { describeAccepting } from "./push-store-accept.contract.ts";
import { describeDeadLetters } from "./push-store-dead.contract.ts";
import { describeEnding } from "./push-store-end.contract.ts";
import { describeLeasing } from "./push-store-lease.contract.ts";
import { describeSuspects } from "./push-store-suspects.contract.ts";
import type { OpenStores } from "./store-fixture.ts";

/** The contract of every PushStore. */
export function describePushStore(name: string, open: OpenStores): void {
  describe(`PushStore: ${name}`, () => {
    describeAccepting(open);
    describeLeasing(open);
    describeEnding(open);
    describeSuspects(open);
    describeDeadLetters(open);
  });
}
