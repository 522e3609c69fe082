import type { Mutant } from "../mutant.ts";
import { testsIn } from "../suites.ts";

export const USE_CASE_MUTANTS: readonly Mutant[] = [
  {
    name: "accepts-without-bound",
    file: "src/gateway/accept/accept-push.ts",
    find: "if (accepting >= maxAccepting)",
    replace: "if (false)",
    suite: testsIn("src/gateway/accept/accept-push.test.ts"),
  },
  {
    name: "says-refused-of-what-may-be-stored",
    file: "src/gateway/accept/accept-push.ts",
    find: "|| isUndone(error.cause)) throw error;",
    replace: "|| true) throw error;",
    suite: testsIn("src/gateway/accept/accept-push.test.ts"),
  },
  {
    name: "withdraws-the-first-push-of-a-call-alone",
    file: "src/gateway/calls/calls.ts",
    find: "after.pushIds.map((id) => withdraw(id))",
    replace: "after.pushIds.slice(0, 1).map((id) => withdraw(id))",
    suite: testsIn("src/gateway/calls/calls.test.ts"),
  },
  {
    name: "call-end-told-to-the-phone-that-took-it",
    file: "src/gateway/calls/tell-phones.ts",
    find: "return deviceId !== exceptDevice && (",
    replace: "return (deviceId !== undefined || exceptDevice === undefined) && (",
    suite: testsIn("src/gateway/calls/tell-phones.test.ts"),
  },
  {
    name: "wakes-for-an-expired-binding",
    file: "src/gateway/subscribers/binding-wakes.ts",
    find: "if (ttlMs > 0) await acceptPush",
    replace: "await acceptPush",
    suite: testsIn("src/gateway/subscribers/binding-wakes.test.ts"),
  },
  {
    name: "wake-finished-though-refused",
    file: "src/gateway/subscribers/binding-wakes.ts",
    find: "|| PASSING.has(error.code)) throw error;",
    replace: ") throw error;",
    suite: testsIn("src/gateway/subscribers/binding-wakes.test.ts"),
  },
  {
    name: "cancelled-push-rings-the-other-phone",
    file: "src/gateway/accept/cancel-push.ts",
    find: "if (isTerminal(state)) abandon(id);",
    replace: `if (state === "cancelled") abandon(id);`,
    suite: testsIn("src/gateway/accept/cancel-push.test.ts"),
  },
  {
    name: "store-time-not-learned",
    file: "src/gateway/store-clock.ts",
    find: "return estimate === undefined ? this.#wall() :",
    replace: "return estimate !== undefined || true ? this.#wall() :",
    suite: testsIn("src/gateway/store-clock.test.ts"),
  },
  {
    name: "worse-reading-of-the-clock-taken",
    file: "src/gateway/store-clock.ts",
    find: "found.errorMs <= errorAt(known, answeredAt)",
    replace: "found.errorMs >= 0",
    suite: testsIn("src/gateway/store-clock.test.ts"),
  },
  {
    name: "lease-time-runs-backwards",
    file: "src/gateway/steady-clock.ts",
    find: "Math.max(nextMonotonic - lastMonotonic, nextWall - lastWall, 0)",
    replace: "nextWall - lastWall",
    suite: testsIn("src/gateway/steady-clock.test.ts"),
  },
  {
    name: "replay-rings-for-a-call-that-is-over",
    file: "src/gateway/accept/dead-letters.ts",
    find: "if (!force) throw",
    replace: "if (false as boolean) throw",
    suite: testsIn("src/gateway/accept/dead-letters.test.ts"),
  },
  {
    name: "replay-forgets-what-it-replaces",
    file: "src/gateway/accept/dead-letters.ts",
    find: 'if (receipt.kind !== "suppressed") {',
    replace: 'if (receipt.kind === "suppressed") {',
    suite: testsIn("src/gateway/accept/dead-letters.test.ts"),
  },
];
