import type { Mutant } from "../mutant.ts";
import { testsIn } from "../suites.ts";

export const PUSH_MUTANTS: readonly Mutant[] = [
  {
    name: "breaker-never-opens",
    file: "src/push/circuit-breaker.ts",
    find: "ill >= MIN_ILL && ill >= all * ILL_SHARE",
    replace: "ill < 0 && all < 0",
    suite: testsIn("src/push/circuit-breaker.test.ts"),
  },
  {
    name: "breaker-lets-all-probe",
    file: "src/push/circuit-breaker.ts",
    find: "this.#probing.passed += 1;",
    replace: "",
    suite: testsIn("src/push/circuit-breaker.test.ts"),
  },
  {
    name: "retries-cost-nothing",
    file: "src/push/retry-budget.ts",
    find: "saved -= 1;",
    replace: "",
    suite: testsIn("src/push/retry-budget.test.ts"),
  },
  {
    name: "retry-after-is-no-floor",
    file: "src/push/retry.ts",
    find: "const earliest = now + Math.ceil(floorMs);",
    replace: "const earliest = now + Math.ceil(floorMs) * 0;",
    suite: testsIn("src/push/retry.test.ts"),
  },
  {
    name: "retry-beyond-the-deadline",
    file: "src/push/retry.ts",
    find: "if (earliest >= latest) return undefined;",
    replace: "",
    suite: testsIn("src/push/retry.test.ts"),
  },
  {
    name: "one-push-id-for-all-callees",
    file: "src/push/dedup-key.ts",
    find: "[...whoseOf(request), request.pushId]",
    replace: "[request.pushId]",
    suite: testsIn("src/push/dedup-key.test.ts"),
  },
  {
    name: "call-ended-and-cancelled-after-all",
    file: "src/push/call.ts",
    find: "answered: [],",
    replace: `answered: ["cancelled"],`,
    suite: testsIn("src/push/call.test.ts"),
  },
  {
    name: "voip-push-for-the-end-of-a-call",
    file: "src/push/targets.ts",
    find: `call_end: [`,
    replace: `call_end: ["voip", `,
    suite: { files: ["src/push/targets.test.ts", "src/gateway/calls/tell-phones.test.ts"] },
  },
  {
    name: "one-app-takes-every-slot",
    file: "src/push/fair-share.ts",
    find: "(isModest || ofDomain < ALPHA * shared - ofApp)",
    replace: "(isModest || shared <= ofDomain + this.#total)",
    suite: testsIn("src/push/fair-share.test.ts"),
  },
  {
    name: "call-joined-unnoticed",
    file: "src/push/call-begin.ts",
    find: "revision: present.revision + 1",
    replace: "revision: present.revision",
    suite: testsIn("src/stores/sqlite/sqlite-stores.test.ts"),
  },
  {
    name: "messages-take-the-room-of-calls",
    file: "src/push/queue-room.ts",
    find: `if (!isCall && hasNoRoomForMessages("queue"))`,
    replace: "if (false)",
    suite: testsIn("src/push/queue-room.test.ts"),
  },
  {
    name: "one-domain-fills-the-queue",
    file: "src/push/queue-room.ts",
    find: `(["domain", "callee"] as const).find`,
    replace: `(["callee"] as const).find`,
    suite: testsIn("src/push/queue-room.test.ts"),
  },
];
