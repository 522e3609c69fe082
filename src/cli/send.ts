import { randomUUID } from "node:crypto";
import { Option, type Command } from "commander";
import type { Aor } from "../push/address.ts";
import { REQUESTED_KINDS, type PushKind } from "../push/push.ts";
import { collectPair, readSeconds, readWholeSeconds, subscriberArgument } from "./arguments.ts";
import { explainReason } from "../providers/explain-reason.ts";
import { followPush, needsMending } from "./follow-push.ts";
import { reachedAll, type PushReport } from "../trace/trace-report.ts";
import { addGatewayOptions, type GatewayOptions } from "./gateway-address.ts";
import { openGatewayClient, RefusedError, type GatewayClient } from "./gateway-client.ts";
import { findUndeliverableDevices, type UndeliverableDevice } from "./undeliverable-devices.ts";
import {
  CliError,
  createCommand,
  EXIT_CODES,
  printable,
  runAction,
  writeJson,
  writeLine,
  type CliIo,
} from "./output.ts";
import { createProgress } from "./progress.ts";
import { explainPush, explanationBody, formatExplanation, formatPush } from "./push-report.ts";
import { compact } from "../push/compact.ts";

interface SendOptions extends GatewayOptions {
  readonly kind?: PushKind;
  readonly caller?: string;
  readonly message?: string;
  readonly silent?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly device?: string;
  readonly ttl?: number;
  readonly timeout: number;
  readonly json?: boolean;
}

const HELP = `
Sends one push as the platform would, waits for what Apple and Google say, and explains what went wrong.
Taken by Apple or Google does not mean yet that the phone rang: look at it.

Exit code: 0 every device's provider took it; 1 one did not, or there was nothing to send to; 2 the gateway
could not be asked.

Examples:
  sip-pushd send alice@example.org                                  a call
  sip-pushd send alice@example.org --caller +4315551234             a call that says who calls
  sip-pushd send alice@example.org --message "Lunch?"               a message
  sip-pushd send alice@example.org --device iphone                  a call, to that phone alone
  sip-pushd send alice@example.org --config /etc/sip-pushd/config.yml --json`;

export function buildSendCommand(io: CliIo): Command {
  const command = createCommand(io, "send")
    .summary("send a test push to a subscriber's phones")
    .description("Sends a test push to every phone of a subscriber and shows what became of it.")
    .addArgument(subscriberArgument())
    .addOption(
      new Option(
        "--kind <kind>",
        "what the push is about (default: call; with --message or --silent: message)",
      ).choices(REQUESTED_KINDS),
    )
    .option("--caller <who>", "who calls or writes, as the phone shall show it")
    .option("--message <text>", "the text of a message")
    .option("--silent", "wake the app without showing anything (not for calls)")
    .option("--data <name=value>", "custom data for the app; may be given several times", collectPair)
    .option("--device <id>", "the one phone that is meant, as 'sip-pushd devices list' names it")
    .option("--ttl <seconds>", "how long the push is worth delivering", readWholeSeconds)
    .option("--timeout <seconds>", "how long to wait for the outcome", readSeconds, 30)
    .option("--json", "print one JSON object for programs")
    .addHelpText("after", HELP);
  addGatewayOptions(command);
  return command.action((callee: Aor, options: SendOptions) => runAction(io, () => send(io, callee, options)));
}

interface Receipt {
  readonly id: string;
  readonly status: "accepted" | "repeat" | "suppressed";
  readonly code?: string;
}

async function send(io: CliIo, callee: Aor, options: SendOptions): Promise<number> {
  const kind = chooseKind(options);
  const body = buildPush(callee, kind, options);
  const client = await openGatewayClient(options, io);
  const receipt = await post(client, body);
  if ("reason" in receipt) return reportNothingSent(io, receipt, options.json === true);
  const progress = createProgress({ ...io, clock: Date.now });
  const push = await followPush({ client, progress, clock: Date.now }, receipt.id, options.timeout * 1000).catch(
    (error: unknown) => {
      throw error instanceof CliError ? lostSight(receipt.id, error) : error;
    },
  );
  const undeliverable = options.device === undefined ? await findUndeliverableDevices(client, callee, kind) : [];
  return reportPush(io, push, undeliverable, options.json === true);
}

function chooseKind({ kind, message, silent }: SendOptions): PushKind {
  return kind ?? (message !== undefined || silent === true ? "message" : "call");
}

/** Each push has a new id, so that a test is never taken for a repeat of the previous one. */
function buildPush(callee: Aor, kind: PushKind, options: SendOptions): object {
  const { caller, message, silent, data, device, ttl } = options;
  if (kind === "call" && silent === true) {
    throw new CliError("silent_call", "A call cannot be silent: it has to ring.", {
      mend: "Leave --silent away, or send another kind: --kind message.",
    });
  }
  return compact({
    callee,
    kind,
    push_id: randomUUID(),
    silent: silent === true,
    data: { ...data, ...(message === undefined ? {} : { message }) },
    caller,
    device,
    ttl_seconds: ttl,
  });
}

interface NothingSent {
  readonly reason: string;
  readonly detail: string;
  readonly id?: string;
}

/** Refusals that are about the subscriber and not about the request. */
const NOTHING_TO_SEND: ReadonlySet<string> = new Set(["no_device", "domain_disabled"]);

async function post(client: GatewayClient, body: object): Promise<Receipt | NothingSent> {
  try {
    const receipt = await client.request<Receipt>({ method: "POST", path: "/v1/pushes", body }, "status");
    if (receipt.status !== "suppressed") return receipt;
    return { reason: receipt.code ?? "push_disabled", detail: "The push was not sent.", id: receipt.id };
  } catch (error) {
    if (!(error instanceof RefusedError) || !NOTHING_TO_SEND.has(error.code)) throw error;
    const { detail, push_id: id } = error.problem;
    return compact({ reason: error.code, detail, id });
  }
}

function reportNothingSent(io: CliIo, { reason, detail, id }: NothingSent, json: boolean): number {
  const explanation = explainReason(reason);
  if (json) {
    writeJson(
      io,
      compact({
        ok: false,
        reason,
        detail,
        push_id: id,
        explanation: explanationBody(explanation),
      }),
    );
  } else {
    writeLine(io, `Nothing was sent: ${printable(reason)}`);
    for (const line of formatExplanation(explanation)) writeLine(io, line);
  }
  return EXIT_CODES.notDone;
}

function reportPush(io: CliIo, push: PushReport, undeliverable: readonly UndeliverableDevice[], json: boolean): number {
  const ok = reachedAll(push);
  if (json) {
    writeJson(io, {
      ok,
      timed_out: push.state === "pending" && !needsMending(push),
      push: explainPush(push, undeliverable),
    });
  } else {
    for (const line of formatPush(push, undeliverable)) writeLine(io, line);
  }
  return ok ? EXIT_CODES.ok : EXIT_CODES.notDone;
}

function lostSight(id: string, error: CliError): CliError {
  const { code, message, mend, cause } = error;
  const told = `The push was accepted as ${id}, but what became of it could not be learned. ${message}`;
  return new CliError(code, told, compact({ mend, cause }));
}
