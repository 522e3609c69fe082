import { failed, ok, skipped, warning, type Finding } from "../push/finding.ts";
import type { Check } from "./check.ts";
import { askLocalClock, type LocalClock, type RunProgram } from "./local-clock.ts";
import { askNtpServer, type NtpServer } from "./sntp.ts";

export interface TimeCheckInput {
  readonly servers: readonly NtpServer[];
  readonly run: RunProgram;
  readonly timeoutMs: number;
}

/**
 * Apple refuses provider tokens with a wrong date, and Google access tokens. A second is far below their limits, but
 * already wrong.
 */
const MAX_OFFSET_MS = 1_000;
const SET_IT = "Let chrony or systemd-timesyncd set this machine's clock, e.g.: apt install chrony";

const NOBODY_ASKED = skipped(
  "This machine's clock was not compared: checklist.ntp_servers is empty, and no time daemon of this machine answers.",
);

export function createTimeCheck({ servers, run, timeoutMs }: TimeCheckInput): Check {
  return {
    name: "time",
    async run(signal) {
      const limited = () => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const [local, ...answers] = await Promise.all([
        askLocalClock(run, limited()),
        ...servers.map((server) => checkServer(server, limited())),
      ]);
      if (servers.length === 0 && local === undefined) return [NOBODY_ASKED];
      return judge(local, answers);
    },
  };
}

async function checkServer(server: NtpServer, signal: AbortSignal): Promise<Finding> {
  const { host } = server;
  try {
    const { offsetMs, stratum } = await askNtpServer(server, signal);
    const found = `${describe(offsetMs)} against ${host} (stratum ${stratum})`;
    if (Math.abs(offsetMs) <= MAX_OFFSET_MS) return ok(`This machine's clock is ${found}.`);
    return failed(`This machine's clock is ${found}: more than a second.`, SET_IT);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return warning(
      `${host} gave no time: ${why}.`,
      "Let UDP port 123 out, or name servers of your own: checklist.ntp_servers.",
    );
  }
}

/** It is worse if no source confirms the time than if a single one is silent. */
function judge(local: LocalClock | undefined, answers: readonly Finding[]): Finding[] {
  const found = [...answers, describeLocal(local)];
  if (found.some(({ verdict }) => verdict === "ok" || verdict === "failed")) return found;
  return [...found, failed("Nobody confirms this machine's time.", SET_IT)];
}

function describeLocal(local: LocalClock | undefined): Finding {
  if (local === undefined) {
    return skipped(
      "No time daemon of this machine answers (chronyc, ntpq, timedatectl): in a container it is the host's.",
    );
  }
  const { daemon, synchronised, offsetMs } = local;
  if (!synchronised) return failed(`This machine's time daemon (${daemon}) is not synchronised.`, SET_IT);
  if (offsetMs !== undefined && offsetMs > MAX_OFFSET_MS) {
    return failed(
      `This machine's time daemon (${daemon}) is still ${describe(offsetMs)}.`,
      "Wait, or step it: chronyc makestep",
    );
  }
  return ok(
    `This machine's time daemon (${daemon}) is synchronised${offsetMs === undefined ? "" : `, ${describe(offsetMs)}`}.`,
  );
}

function describe(offsetMs: number): string {
  const ms = Math.abs(offsetMs);
  return ms < 1000 ? `${ms < 1 ? ms.toFixed(2) : Math.round(ms)} ms off` : `${(ms / 1000).toFixed(1)} s off`;
}
