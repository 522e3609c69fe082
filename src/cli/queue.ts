import { Argument, Option, type Command } from "commander";
import {
  DEAD_LETTER_PAGE,
  dropDeadLetter,
  listAllDeadLetterIds,
  listDeadLetters,
  replayDeadLetter,
  type DeadLetter,
} from "../client/dead-letters.ts";
import { RefusedError, type GatewayClient } from "../client/gateway-client.ts";
import { explainPush } from "../trace/explain-push.ts";
import type { PushReport } from "../trace/trace-report.ts";
import { gatewayCommand, type Answer, type Asking } from "./gateway-command.ts";
import { createCommand, EXIT_CODES, formatTable, printable, writeLine, type CliIo } from "./output.ts";
import { formatPush } from "./push-report.ts";

interface ActOptions {
  readonly all?: boolean;
  readonly force?: boolean;
}

const HELP = `
A push that failed or expired is kept for store.retention_hours: look why, mend it, send it again or let it go. One that was
sent again stays as long, and 'sip-pushd trace' shows it with the one that replaced it. A call that is over is rung again only with --force.

Exit code: 0 all of it was done; 1 some of it was refused; 2 the gateway could not be asked.

Examples:
  sip-pushd queue ls
  sip-pushd queue show 01a20731-46e1-7748-a50d-30a074776f5b
  sip-pushd queue replay 01a20731-46e1-7748-a50d-30a074776f5b
  sip-pushd queue drop --all`;

export function buildQueueCommand(io: CliIo): Command {
  return createCommand(io, "queue")
    .summary("look at pushes that reached no phone, send them again or let them go")
    .description("Shows pushes that failed or expired, explains them, sends them again or lets them go.")
    .addHelpText("after", HELP)
    .addCommand(buildListCommand(io))
    .addCommand(buildShowCommand(io))
    .addCommand(buildReplayCommand(io))
    .addCommand(buildActOnCommand(io, "drop", "forget pushes", drop));
}

function buildReplayCommand(io: CliIo): Command {
  return buildActOnCommand(io, "replay", "send pushes again, with a new deadline", replay).option(
    "--force",
    "ring the phones for a call that is over, too: they ring for a new call, which nobody makes",
  );
}

function buildListCommand(io: CliIo): Command {
  return gatewayCommand(io, {
    name: "ls",
    description: "list pushes that failed or expired, the newest first",
    arguments: [],
    options: [new Option("--limit <number>", `how many, up to ${DEAD_LETTER_PAGE}`).default("50")],
    async run({ open, options }: Asking<{ readonly limit: string }>) {
      const letters = await listDeadLetters(await open(), options.limit);
      return { json: letters, lines: () => formatLetters(letters) };
    },
  });
}

function formatLetters(letters: readonly DeadLetter[]): string[] {
  return letters.length === 0
    ? ["No push has failed or expired."]
    : formatTable([["ID", "ENDED", "STATE", "KIND", "CALLEE", "REASONS"], ...letters.map(rowOf)]);
}

function rowOf({ id, ended_at: endedAt = "-", state, kind, callee, deliveries }: DeadLetter): string[] {
  const reasons = new Set(deliveries.flatMap(({ reason }) => (reason === undefined ? [] : [reason])));
  return [id, endedAt, state, kind, callee, [...reasons].join(", ")];
}

function buildShowCommand(io: CliIo): Command {
  return gatewayCommand(io, {
    name: "show",
    description: "say how a push ended on each device, and what to do about it",
    arguments: [new Argument("<id>", "the push's id")],
    async run({ open }, id: string) {
      const request = { method: "GET", path: `/v1/pushes/${encodeURIComponent(id)}` } as const;
      const push = await (await open()).request<PushReport>(request, "id");
      return { json: explainPush(push), lines: () => formatPush(push) };
    },
  });
}

type Act = (client: GatewayClient, id: string, options: ActOptions) => Promise<string>;

function buildActOnCommand(io: CliIo, name: string, description: string, act: Act): Command {
  return gatewayCommand(io, {
    name,
    description,
    arguments: [new Argument("[ids...]", "the pushes' ids")],
    options: [new Option("--all", "every push that failed or expired")],
    run: (asking: Asking<ActOptions>, ids: readonly string[]) => actOn(asking, ids, act),
  });
}

async function actOn({ open, options, io }: Asking<ActOptions>, ids: readonly string[], act: Act): Promise<Answer> {
  const { all = false, json = false } = options;
  const client = await open();
  const chosen = all ? await listAllDeadLetterIds(client) : ids;
  const done = [];
  for (const id of chosen) {
    const one = await tryOne(() => act(client, id, options));
    done.push({ id, ...one });
    // Printed at once: an unavailable gateway ends the command in the middle.
    if (!json) writeLine(io, printable(`${id}: ${one.result ?? one.refused}`));
  }
  const nothing = all ? "No push has failed or expired." : "Name pushes by their ids, or --all.";
  const isRefused = done.some(({ refused }) => refused !== undefined);
  const isUnusable = chosen.length === 0 && !all;
  return {
    json: done,
    lines: () => (chosen.length === 0 ? [nothing] : []),
    exitCode: isUnusable ? EXIT_CODES.unusable : isRefused ? EXIT_CODES.notDone : EXIT_CODES.ok,
  };
}

interface ActResult {
  readonly result?: string;
  /** Why it was refused. */
  readonly refused?: string;
  /** The gateway's code for it. */
  readonly code?: string;
}

/** A refusal does not stop the others; an unavailable gateway does. */
async function tryOne(act: () => Promise<string>): Promise<ActResult> {
  try {
    return { result: await act() };
  } catch (error) {
    if (!(error instanceof RefusedError) || error.status >= 500 || error.status === 401) throw error;
    return { refused: error.problem.detail, code: error.problem.code };
  }
}

async function replay(client: GatewayClient, id: string, { force = false }: ActOptions): Promise<string> {
  const receipt = await replayDeadLetter(client, id, force);
  if (receipt.status === "suppressed") return `nothing was sent: ${receipt.code ?? "no reason is known"}`;
  const isNew = receipt.status === "accepted";
  return isNew ? `accepted as ${receipt.id}` : `replayed before as ${receipt.id}, which is ${receipt.state ?? "known"}`;
}

async function drop(client: GatewayClient, id: string): Promise<string> {
  await dropDeadLetter(client, id);
  return "forgotten";
}
