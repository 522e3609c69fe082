/** Result of a test suite that ran against a mutant. */
export type Verdict =
  | { readonly kind: "survived" }
  /** `by`: the first test that failed. `isTimeout`: because it, or the whole suite, took too long. */
  | { readonly kind: "caught"; readonly by: string; readonly isTimeout: boolean }
  /** No test ran, so nothing is known of the mutant. */
  | { readonly kind: "broken"; readonly why: string };

export interface SuiteRun {
  /** Undefined if the suite had to be killed because it took too long. */
  readonly exitCode: number | undefined;
  /** The text of vitest's JSON report; undefined if it wrote none. */
  readonly report: string | undefined;
  /** Standard output and standard error of the suite. */
  readonly output: string;
}

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const TIMEOUT = /timed out in \d+ms/;
const LONGEST_OUTPUT = 2_000;

/** Only a failed test counts: a suite that could not be loaded has caught nothing. */
export function readVerdict({ exitCode, report, output }: SuiteRun): Verdict {
  if (exitCode === undefined) return { kind: "caught", by: "the limit of the whole suite", isTimeout: true };
  const results = report === undefined ? [] : (JSON.parse(report) as Report).testResults;
  const tests = results.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find(({ status }) => status === "failed");
  if (failed !== undefined) {
    const isTimeout = failed.failureMessages.some((message) => TIMEOUT.test(message));
    return { kind: "caught", by: failed.fullName, isTimeout };
  }
  const hasRun = tests.some(({ status }) => status === "passed");
  if (!hasRun) {
    const messages = results.map(({ message }) => message).filter((message) => message !== "");
    const why = messages.length === 0 ? output.trim().slice(-LONGEST_OUTPUT) : messages.join("; ");
    return { kind: "broken", why: `no test ran: ${why}` };
  }
  return exitCode === 0 ? { kind: "survived" } : { kind: "caught", by: "an error outside any test", isTimeout: false };
}
