import { failed, ok, skipped, warning, type Finding } from "../push/finding.ts";
import type { Check } from "./check.ts";

/** One problem of the configuration, as its reader reports it. */
export interface ConfigurationProblem {
  readonly severity: "error" | "warning";
  readonly text: string;
  readonly mend: string;
}

export interface DomainProviders {
  /** Undefined for all domains without an entry of their own. */
  readonly domain: string | undefined;
  readonly enabled: boolean;
  /** Providers that serve it, its own or the global ones. */
  readonly providers: readonly string[];
  /** Own apps whose credentials cannot be used. */
  readonly outOfOrder: readonly string[];
}

export interface ConfigurationCheckInput {
  readonly file: string;
  /** Permission bits of the file. */
  readonly mode: number;
  /** True if the file contains secrets, not only paths to them. */
  readonly holdsSecrets: boolean;
  readonly problems: readonly ConfigurationProblem[];
  /** Undefined if the configuration cannot be used. */
  readonly domains: readonly DomainProviders[] | undefined;
}

const READABLE_BY_OTHERS = 0o044;

export function createConfigurationCheck(input: ConfigurationCheckInput): Check {
  return {
    name: "config",
    run: async () => [
      ...input.problems.map(({ severity, text, mend }) =>
        severity === "error" ? failed(text, mend) : warning(text, mend),
      ),
      ...(input.domains === undefined ? [] : [ok(`${input.file} is valid.`)]),
      checkMode(input),
      ...(input.domains ?? []).flatMap(checkDomain),
    ],
  };
}

function checkMode({ file, mode, holdsSecrets }: ConfigurationCheckInput): Finding {
  if (!holdsSecrets) return ok(`${file} holds no secrets itself; those that it names were looked at.`);
  if ((mode & READABLE_BY_OTHERS) === 0) return ok(`${file} holds secrets, and only its owner can read it.`);
  const who = (mode & 0o004) === 0 ? "its group" : "everyone on this machine";
  return warning(`${file} holds secrets and can be read by ${who}.`, `Run: chmod 600 ${file}`);
}

function checkDomain({ domain, enabled, providers, outOfOrder }: DomainProviders): Finding[] {
  const whose = domain ?? "All other domains";
  if (!enabled) return [skipped(`${whose}: switched off (enable: no).`)];
  const broken = outOfOrder.map((provider) =>
    failed(`${whose}: the credentials for ${provider} cannot be used; its pushes wait.`, "See the problems above."),
  );
  if (providers.length > 0) return [...broken, ok(`${whose}: pushed through ${providers.join(", ")}.`)];
  if (domain === undefined) return [...broken, skipped(`${whose}: no app is configured.`)];
  const mend = `Give ${domain} an apns or fcm section, or a global one; or switch it off (enable: no).`;
  return [...broken, failed(`${whose}: switched on, but no app serves it: none of its phones gets a push.`, mend)];
}
