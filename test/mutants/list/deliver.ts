import type { Mutant } from "../mutant.ts";
import { testsIn } from "../suites.ts";

const DELIVER = "src/gateway/deliver";

export const DELIVER_MUTANTS: readonly Mutant[] = [
  {
    name: "attempt-after-the-deadline",
    file: `${DELIVER}/attempt-delivery.ts`,
    find: "if (isTooLate(push.deadline, startedAt))",
    replace: "if (false)",
    suite: testsIn(`${DELIVER}/attempt-delivery.test.ts`),
  },
  {
    name: "sent-after-the-deadline-by-the-guard",
    file: `${DELIVER}/app-guard.ts`,
    find: "isTooLate(attempt.push.deadline, this.#clock())",
    replace: "false",
    suite: { files: [`${DELIVER}/app-guard.test.ts`, `${DELIVER}/app-guard-limits.test.ts`] },
  },
  {
    name: "adoption-off",
    file: `${DELIVER}/lease-keeper.ts`,
    find: "if (held === undefined || held.isOver",
    replace: "if (true || held === undefined || held.isOver",
    suite: testsIn(`${DELIVER}/adoption.test.ts`),
  },
  {
    name: "confirms-without-waiting",
    file: `${DELIVER}/lease-keeper.ts`,
    find: "while (!this.#stopped && !held.isLost",
    replace: "while (false && !held.isLost",
    suite: { files: [`${DELIVER}/lease-keeper.test.ts`, `${DELIVER}/adoption.test.ts`] },
  },
  {
    name: "no-renewals",
    file: `${DELIVER}/lease-keeper.ts`,
    find: "due.length > 0) await",
    replace: "due.length < 0) await",
    suite: testsIn(`${DELIVER}/lease-keeper.test.ts`),
  },
  {
    name: "sure-of-a-lease-that-was-not-renewed",
    file: `${DELIVER}/lease-keeper.ts`,
    find: `events.storeFailed("renew leases", error);`,
    replace: `events.storeFailed("renew leases", error);
      for (const held of due) held.sureUntil = askedAt + leaseMs;
      for (const held of due) held.release();`,
    suite: { files: [`${DELIVER}/lease-keeper.test.ts`, `${DELIVER}/adoption.test.ts`] },
  },
  {
    name: "abandon-does-nothing",
    file: `${DELIVER}/lease-keeper.ts`,
    find: "if (held.lease.push.id === pushId) held.lose();",
    replace: "if (held.lease.push.id === pushId) continue;",
    suite: { files: ["src/gateway/accept/cancel-push.test.ts", `${DELIVER}/lease-keeper.test.ts`] },
  },
  {
    name: "settlement-gives-up",
    file: `${DELIVER}/settlement.ts`,
    find: "if (this.#stop.aborted) return undefined;",
    replace: "return undefined;",
    suite: { files: [`${DELIVER}/settlement.test.ts`, `${DELIVER}/deliver-push-faults.test.ts`] },
  },
  {
    name: "handed-back-and-adopted",
    file: `${DELIVER}/settlement.ts`,
    find: "if (handBackAt !== undefined) this.#hold.letGo();",
    replace: "",
    suite: { files: [`${DELIVER}/settlement.test.ts`, `${DELIVER}/adoption.test.ts`, `${DELIVER}/deliverer.test.ts`] },
  },
  {
    name: "retry-budget-not-asked",
    file: `${DELIVER}/attempt-delivery.ts`,
    find: "!budget.spend(startedAt)",
    replace: "false",
    suite: {
      files: [`${DELIVER}/attempt-delivery-held.test.ts`, `${DELIVER}/attempt-delivery.test.ts`],
    },
  },
  {
    name: "prunes-what-was-registered-after-the-attempt",
    file: `${DELIVER}/token-invalidation.ts`,
    find: "Math.min(deadSince, startedAt)",
    replace: "deadSince",
    suite: testsIn(`${DELIVER}/token-invalidation.test.ts`),
  },
  {
    name: "prunes-in-a-burst",
    file: `${DELIVER}/token-invalidation.ts`,
    find: "if (this.#isBurst(app)) return events.tokenKept",
    replace: "if (false) return events.tokenKept",
    suite: testsIn(`${DELIVER}/token-invalidation.test.ts`),
  },
  {
    name: "pause-of-the-provider-ignored",
    file: `${DELIVER}/app-guard.ts`,
    find: "if (toldMs === undefined) this.#breaker",
    replace: "if (true) this.#breaker",
    suite: testsIn(`${DELIVER}/app-guard.test.ts`),
  },
  {
    name: "waiting-retry-keeps-its-slot",
    file: `${DELIVER}/delivery-slots.ts`,
    find: "this.#inFlight.give(owner);\n        this.#retries.take(owner);",
    replace: "this.#inFlight.take(owner); this.#inFlight.give(owner);\n        this.#retries.take(owner);",
    suite: testsIn(`${DELIVER}/delivery-slots.test.ts`),
  },
  {
    name: "suspects-built-beside-others",
    file: `${DELIVER}/quarantine.ts`,
    find: "while (this.#alone !== undefined) await this.#alone;",
    replace: "",
    suite: testsIn(`${DELIVER}/quarantine.test.ts`),
  },
  {
    name: "app-of-another-gateway-fails-the-push",
    file: `${DELIVER}/attempt-delivery.ts`,
    find: "deps.isStoreShared === true",
    replace: "false",
    suite: testsIn(`${DELIVER}/attempt-delivery-held.test.ts`),
  },
  {
    name: "push-for-another-gateway-kept",
    file: `${DELIVER}/deliver-push.ts`,
    find: "if (result.isForOthers === true) return current;",
    replace: "",
    suite: testsIn(`${DELIVER}/deliver-push.test.ts`),
  },
  {
    name: "unknown-acceptance-waits-for-its-lease",
    file: "src/gateway/accept/unknown-acceptances.ts",
    find: "if (kept.has(token)) deliver(",
    replace: "if (lost.has(token)) deliver(",
    suite: testsIn("src/gateway/accept/unknown-acceptances.test.ts"),
  },
  {
    name: "death-of-a-suspect-never-cleared",
    file: `${DELIVER}/quarantine.ts`,
    find: "        if (!(await this.#note(hold, false))) void this.#keepClearing(hold);",
    replace: "        await Promise.resolve();",
    suite: testsIn("src/gateway/deliver/quarantine.test.ts"),
  },
];
