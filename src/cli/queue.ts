import type { Command } from "commander";
import type { PushReport } from "../trace/trace-report.ts";
import { addGatewayOptions, type GatewayOptions } from "./gateway-address.ts";
import { openGatewayClient, RefusedError, type GatewayClient } from "./gateway-client.ts";
import {
  createCommand,
  EXIT_CODES,
  formatTable,
  printable,
  runAction,
  writeJson,
  writeLine,
  type CliIo,
} from "./output.ts";
import { explainPush, formatPush } from "./push-report.ts";
import { compact } from "../push/compact.ts";

interface DeadLetter extends PushReport {
  readonly accepted_at: string;
  readonly ended_at?: string;
}

interface QueueOptions extends GatewayOptions {
  readonly json?: boolean;
  readonly limit?: string;
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

const PAGE = 500;
const DEFAULT_LIMIT = "50";

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
  const command = createCommand(io, "ls")
    .description("list pushes that failed or expired, the newest first")
    .option("--limit <number>", `how many, up to ${PAGE}`, DEFAULT_LIMIT)
    .option("--json", "print JSON")
    .action((options: QueueOptions) => runAction(io, () => list(options, io)));
  return addGatewayOptions(command);
}

function buildShowCommand(io: CliIo): Command {
  const command = createCommand(io, "show")
    .description("say how a push ended on each device, and what to do about it")
    .argument("<id>", "the push's id")
    .option("--json", "print JSON")
    .action((id: string, options: QueueOptions) => runAction(io, () => show(id, options, io)));
  return addGatewayOptions(command);
}

type Act = (client: GatewayClient, id: string, options: QueueOptions) => Promise<string>;

function buildActOnCommand(io: CliIo, name: string, description: string, act: Act): Command {
  const command = createCommand(io, name)
    .description(description)
    .argument("[ids...]", "the pushes' ids")
    .option("--all", "every push that failed or expired")
    .option("--json", "print JSON")
    .action((ids: string[], options: QueueOptions) => runAction(io, () => actOn(ids, options, act, io)));
  return addGatewayOptions(command);
}

async function list({ limit = DEFAULT_LIMIT, json = false, ...options }: QueueOptions, io: CliIo): Promise<number> {
  const letters = await readPage(await openGatewayClient(options, io), limit);
  if (json) writeJson(io, letters);
  else if (letters.length === 0) writeLine(io, "No push has failed or expired.");
  else for (const row of formatTable([COLUMNS, ...letters.map(rowOf)])) writeLine(io, row);
  return EXIT_CODES.ok;
}

const COLUMNS = ["ID", "ENDED", "STATE", "KIND", "CALLEE", "REASONS"];

function rowOf({ id, ended_at: endedAt = "-", state, kind, callee, deliveries }: DeadLetter): string[] {
  const reasons = new Set(deliveries.flatMap(({ reason }) => (reason === undefined ? [] : [reason])));
  return [id, endedAt, state, kind, callee, [...reasons].join(", ")];
}

async function readPage(client: GatewayClient, limit: string | number, before?: string): Promise<DeadLetter[]> {
  const query = new URLSearchParams(compact({ limit: String(limit), before }));
  const path = `/v1/dead-letters?${query.toString()}`;
  const page = await client.request<{ dead_letters: DeadLetter[] }>({ method: "GET", path }, "dead_letters");
  return page.dead_letters;
}

async function show(id: string, { json = false, ...options }: QueueOptions, io: CliIo): Promise<number> {
  const client = await openGatewayClient(options, io);
  const push = await client.request<PushReport>({ method: "GET", path: `/v1/pushes/${encodeURIComponent(id)}` }, "id");
  if (json) writeJson(io, explainPush(push));
  else for (const line of formatPush(push)) writeLine(io, line);
  return EXIT_CODES.ok;
}

async function actOn(ids: string[], options: QueueOptions, act: Act, io: CliIo): Promise<number> {
  const { all = false, json = false } = options;
  const client = await openGatewayClient(options, io);
  const chosen = all ? await readAllIds(client) : ids;
  const done = [];
  for (const id of chosen) {
    const one = await tryOne(() => act(client, id, options));
    done.push({ id, ...one });
    if (!json) writeLine(io, printable(`${id}: ${one.result ?? one.refused}`));
  }
  if (json) writeJson(io, done);
  else if (chosen.length === 0)
    writeLine(io, all ? "No push has failed or expired." : "Name pushes by their ids, or --all.");
  if (chosen.length === 0 && !all) return EXIT_CODES.unusable;
  return done.some(({ refused }) => refused !== undefined) ? EXIT_CODES.notDone : EXIT_CODES.ok;
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

async function readAllIds(client: GatewayClient): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await readPage(client, PAGE, ids.at(-1));
    ids.push(...page.map(({ id }) => id));
    if (page.length < PAGE) return ids;
  }
}

async function replay(client: GatewayClient, id: string, { force = false }: QueueOptions): Promise<string> {
  const path = `/v1/dead-letters/${encodeURIComponent(id)}/replay`;
  const receipt = await client.request<Receipt>({ method: "POST", path, body: { force } }, "id");
  if (receipt.status === "suppressed") return `nothing was sent: ${receipt.code ?? "no reason is known"}`;
  const isNew = receipt.status === "accepted";
  return isNew ? `accepted as ${receipt.id}` : `replayed before as ${receipt.id}, which is ${receipt.state ?? "known"}`;
}

interface Receipt {
  readonly id: string;
  readonly status: string;
  readonly state?: string;
  readonly code?: string;
}

async function drop(client: GatewayClient, id: string): Promise<string> {
  await client.requestNothing({ method: "DELETE", path: `/v1/dead-letters/${encodeURIComponent(id)}` });
  return "forgotten";
}
