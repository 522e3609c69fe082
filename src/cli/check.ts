import { Argument, type Command } from "commander";
import { buildChecklist } from "../checklist/build-checklist.ts";
import { CHECK_TITLES, nameVendorCheck } from "../checks/check.ts";
import { runChecks } from "../checks/run-checks.ts";
import { VENDORS } from "../providers/providers.ts";
import type { Aor } from "../push/address.ts";
import { readSeconds, readSubscriber } from "./arguments.ts";
import { formatChecks } from "./format-checks.ts";
import { createCommand, EXIT_CODES, runAction, writeJson, writeLine, type CliIo } from "./output.ts";
import { createProgress } from "./progress.ts";

interface CheckOptions {
  readonly config: string;
  readonly push?: Aor;
  readonly timeout: number;
  readonly json?: boolean;
}

const HELP = `
Checks: tls (trusted certificate), ports (none that outgoing connections take), ${VENDORS.map(({ name }) => nameVendorCheck(name)).join(", ")}, config, dns (zone and SRV
records), time, store (Redis or SQLite), subscribers (mobile_push_enable), push (end to end, through the running gateway).

Nothing is sent to a real phone unless --push names its subscriber. docs/reference/checklist.md says which step of the handbook each one is.
What it has to know beside the gateway's own settings (host names, name servers, time servers) stands in checklist: in the configuration.

Examples:
  sip-pushd check --config config.yml
  sip-pushd check dns time --config config.yml
  sip-pushd check --config config.yml --push alice@example.org

Exit code: 0 nothing is wrong, 1 something is (✖), 2 the checklist could not be worked through.`;

export function buildCheckCommand(io: CliIo): Command {
  return createCommand(io, "check")
    .summary("work through the checklist: certificates, providers, DNS, time, store, a push")
    .description("Works through the checklist against the real configuration, and says what to do about what is wrong.")
    .addArgument(
      new Argument("[checks...]", "which ones; all of them unless said otherwise").choices([...CHECK_TITLES.keys()]),
    )
    .requiredOption("--config <file>", "the gateway's configuration")
    .option("--push <subscriber>", "send a call push to the phones of this test subscriber", readSubscriber)
    .option("--timeout <seconds>", "how long one check may take", readSeconds, 30)
    .option("--json", "print JSON")
    .addHelpText("after", HELP)
    .action((names: string[], options: CheckOptions) => runAction(io, () => check(names, options, io)));
}

async function check(names: readonly string[], options: CheckOptions, io: CliIo): Promise<number> {
  const timeoutMs = options.timeout * 1000;
  // Follows a push for as long as its check may take, with time left to report its state.
  const all = buildChecklist({
    configFile: options.config,
    env: io.env,
    to: options.push,
    timeoutMs: timeoutMs * 0.8,
    version: io.version,
  });
  const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  const progress = createProgress({ stderr: io.stderr, isTty: io.isTty, clock: Date.now });
  const reports = await runChecks(chosen, {
    clock: Date.now,
    timeoutMs,
    onProgress: (running) => {
      const done = chosen.length - running.length;
      progress.update(`${done} of ${chosen.length} done; waiting for ${running.join(", ")}`);
    },
  });
  progress.clear();
  const isRight = reports.every(({ verdict }) => verdict !== "failed");
  if (options.json) writeJson(io, { ok: isRight, checks: reports });
  else for (const line of formatChecks(reports)) writeLine(io, line);
  return isRight ? EXIT_CODES.ok : EXIT_CODES.notDone;
}
