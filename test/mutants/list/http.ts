import type { Mutant } from "../mutant.ts";
import { testsIn } from "../suites.ts";

export const HTTP_MUTANTS: readonly Mutant[] = [
  {
    name: "any-api-key-will-do",
    file: "src/http/auth.ts",
    find: "timingSafeEqual(presentedDigest, key.sha256) ? key : found",
    replace: "timingSafeEqual(presentedDigest, key.sha256) ? key : (found ?? key)",
    suite: testsIn("src/http/auth.test.ts"),
  },
  {
    name: "no-key-needed",
    file: "src/http/auth.ts",
    find: "if (isPublic || (opensWithToken",
    replace: "if (isPublic || request.headers.authorization === undefined || (opensWithToken",
    suite: testsIn("src/http/auth.test.ts"),
  },
  {
    name: "any-call-token-will-do",
    file: "src/http/call-token.ts",
    find: "return timingSafeEqual(digest(shown), digest(token));",
    replace: "return shown.length > 0 && token.length > 0;",
    suite: testsIn("test/e2e/calls.test.ts"),
  },
  {
    name: "refuses-without-retry-after",
    file: "src/http/problem.ts",
    find: "...(retryAfterSeconds === undefined ? {}",
    replace: "...(retryAfterSeconds !== 0 ? {}",
    suite: { files: ["src/http/server.test.ts", "src/http/routes/pushes.test.ts", "src/http/dialect-routes.test.ts"] },
  },
  {
    name: "holds-an-answer-for-ever",
    file: "src/http/prefer.ts",
    find: "Math.min(Number(seconds), LONGEST_WAIT_SECONDS)",
    replace: "Number(seconds)",
    suite: testsIn("src/http/prefer.test.ts"),
  },
  {
    name: "smuggled-field-taken",
    file: "src/dialects/sipwise/field.ts",
    find: "if (values.size > 1) {",
    replace: "if (values.size > 2) {",
    suite: testsIn("src/dialects/sipwise/dialect.test.ts"),
  },
  {
    name: "compat-dialects-take-a-field-twice",
    file: "src/dialects/fields.ts",
    find: "if ((fields.get(name) ?? value) !== value) {",
    replace: "if (false) {",
    suite: testsIn("src/dialects/flexisip/captures.test.ts"),
  },
  {
    name: "escape-with-a-g-decoded",
    file: "src/push/percent.ts",
    find: "/[0-9a-f]/i",
    replace: "/[0-9a-g]/i",
    suite: testsIn("src/push/percent.test.ts"),
  },
  {
    name: "json-list-taken-for-text",
    file: "src/dialects/sipwise/json.ts",
    find: `if (value === "{" || value === "[") throw`,
    replace: `if (value === "{") throw`,
    suite: testsIn("src/dialects/sipwise/json.test.ts"),
  },
  {
    name: "data-of-any-number-of-members",
    file: "src/http/routes/push-data.ts",
    find: "if (count <= max) return;",
    replace: "if (count <= max + 1) return;",
    suite: testsIn("src/http/routes/pushes.test.ts"),
  },
  {
    name: "data-replaces-the-type",
    file: "src/http/routes/app-members.ts",
    find: "  return data;",
    replace: "  return { ...data, ...(_type === undefined ? {} : { type: _type }) };",
    suite: testsIn("src/http/routes/pushes.test.ts"),
  },
  {
    name: "forwarded-request-without-a-key",
    file: "src/http/auth.ts",
    find: "if (requireKey || isForwardedFromElsewhere(request.raw.headers)) throw",
    replace: "if (requireKey) throw",
    suite: testsIn("src/http/foreign-request.test.ts"),
  },
];
