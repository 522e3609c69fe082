import type { Clock } from "../gateway/clock.ts";
import { failed, type Finding, type Verdict } from "../push/finding.ts";
import { CHECK_TITLES, type Check } from "./check.ts";

export interface CheckReport {
  readonly name: string;
  readonly title: string;
  /** The worst of its findings. */
  readonly verdict: Verdict;
  readonly duration_ms: number;
  readonly findings: readonly Finding[];
}

export interface RunChecksDeps {
  readonly clock: Clock;
  /** Time limit of one check. */
  readonly timeoutMs: number;
  /** Called when a check has ended, with those still running. */
  readonly onProgress: (running: readonly string[]) => void;
}

/** Runs all checks concurrently and returns their reports in order. No check can delay or break the others. */
export async function runChecks(checks: readonly Check[], deps: RunChecksDeps): Promise<CheckReport[]> {
  const running = new Set(checks.map(({ name }) => name));
  deps.onProgress([...running]);
  return Promise.all(
    checks.map(async (check) => {
      const report = await runCheck(check, deps);
      running.delete(check.name);
      deps.onProgress([...running]);
      return report;
    }),
  );
}

async function runCheck(check: Check, { clock, timeoutMs }: RunChecksDeps): Promise<CheckReport> {
  const startedAt = clock();
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise: late, resolve } = Promise.withResolvers<readonly Finding[]>();
  signal.addEventListener("abort", () => resolve([describeLate(timeoutMs)]), { once: true });
  const findings = await Promise.race([check.run(signal).catch(describeFault), late]);
  const { name } = check;
  const title = CHECK_TITLES.get(name) ?? name;
  return { name, title, verdict: worstOf(findings), duration_ms: clock() - startedAt, findings };
}

function describeLate(timeoutMs: number): Finding {
  return failed(
    `It did not end within ${timeoutMs / 1000} s.`,
    "Something does not answer: look at the network, or give it more time with --timeout.",
  );
}

function describeFault(error: unknown): readonly Finding[] {
  const message = error instanceof Error ? error.message : String(error);
  return [failed(`The check itself went wrong: ${message}`, "Please report it.")];
}

const GRAVITY = { skipped: 0, ok: 1, warning: 2, failed: 3 } as const satisfies Record<Verdict, number>;

function worstOf(findings: readonly Finding[]): Verdict {
  return findings.reduce<Verdict>(
    (worst, { verdict }) => (GRAVITY[verdict] > GRAVITY[worst] ? verdict : worst),
    "skipped",
  );
}
