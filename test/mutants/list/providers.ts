import type { Mutant } from "../mutant.ts";
import { testsIn } from "../suites.ts";

export const PROVIDER_MUTANTS: readonly Mutant[] = [
  {
    name: "any-410-condemns-a-token",
    file: "src/providers/outcome-row.ts",
    find: '410: { status: 410, kind: "rejected", suspect: "token" }',
    replace: '410: { status: 410, kind: "unregistered" }',
    suite: testsIn("src/providers/apns/outcome.test.ts"),
  },
  {
    name: "apples-time-of-death-ignored",
    file: "src/providers/apns/outcome.ts",
    find: `|| typeof deadSince !== "number") return reading;`,
    replace: "|| true) return reading;",
    suite: testsIn("src/providers/apns/outcome.test.ts"),
  },
  {
    name: "retry-after-read-as-milliseconds",
    file: "src/providers/channel/retry-after.ts",
    find: "Number(text) * 1000",
    replace: "Number(text)",
    suite: testsIn("src/providers/channel/retry-after.test.ts"),
  },
  {
    name: "sent-after-the-deadline-by-the-channel",
    file: "src/providers/channel/channel.ts",
    find: "if (isTooLate(next.notAfter, this.#clock())) {",
    replace: "if (false) {",
    suite: { files: ["src/providers/channel/channel.test.ts", "src/providers/channel/channel-urgency.test.ts"] },
  },
  {
    name: "lost-answer-called-unsent",
    file: "src/providers/channel/exchange.ts",
    find: "if (id === undefined || rstCode === NGHTTP2_REFUSED_STREAM",
    replace: "if (true || rstCode === NGHTTP2_REFUSED_STREAM",
    suite: { files: ["src/providers/channel/connection.test.ts", "src/providers/channel/connection-end.test.ts"] },
  },
  {
    name: "streams-all-for-messages",
    file: "src/providers/channel/stream-limit.ts",
    find: "return isUrgent ? most :",
    replace: "return isUrgent || most > 0 ? most :",
    suite: testsIn("src/providers/channel/stream-limit.test.ts"),
  },
  {
    name: "apns-payload-too-large",
    file: "src/providers/apns/request.ts",
    find: "alert: 4096,",
    replace: "alert: 4097,",
    suite: testsIn("src/providers/apns/request.test.ts"),
  },
  {
    name: "simulator-takes-large-payloads",
    file: "src/simulator/apns/request-checks.ts",
    find: "const MAX_PAYLOAD_BYTES = 4_096;",
    replace: "const MAX_PAYLOAD_BYTES = 4_097;",
    suite: testsIn("src/simulator/apns/apns-server.test.ts"),
  },
  {
    name: "simulator-takes-background-alerts",
    file: "src/simulator/apns/request-checks.ts",
    find: 'return !["alert", "sound", "badge"]',
    replace: 'return !["sound", "badge"]',
    suite: testsIn("src/simulator/apns/apns-server.test.ts"),
  },
  {
    name: "simulator-takes-old-provider-tokens",
    file: "src/simulator/apns/provider-token.ts",
    find: "Math.abs(now() - token.issuedAt) > HOUR_MS",
    replace: "Math.abs(now() - token.issuedAt) > 2 * HOUR_MS",
    suite: testsIn("src/simulator/apns/apns-server.test.ts"),
  },
];
