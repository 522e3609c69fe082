import { Option, type Command } from "commander";
import { followPush } from "../client/follow-push.ts";
import { sendPush, type NothingSent } from "../client/send-push.ts";
import { findUndeliverableDevices } from "../client/undeliverable-devices.ts";
import { explainReason } from "../providers/explain-reason.ts";
import type { Aor } from "../push/address.ts";
import { compact } from "../push/compact.ts";
import { OperatorError } from "../push/operator-error.ts";
import { isTerminal, REQUESTED_KINDS, type PushKind } from "../push/push.ts";
import { explainPush, explanationBody } from "../trace/explain-push.ts";
import { needsMending, reachedAll, type PushReport, type UndeliverableDevice } from "../trace/trace-report.ts";
import { collectPair, readSeconds, readWholeSeconds, subscriberArgument } from "./arguments.ts";
import { gatewayCommand, JSON_OBJECT, type Answer, type Asking } from "./gateway-command.ts";
import { CliError, EXIT_CODES, printable, type CliIo } from "./output.ts";
import { createProgress } from "./progress.ts";
import { formatExplanation, formatPush } from "./push-report.ts";

interface SendOptions {
  readonly kind?: PushKind;
  readonly caller?: string;
  readonly message?: string;
  readonly silent?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly device?: string;
  readonly ttl?: number;
  readonly timeout: number;
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
  return gatewayCommand(io, {
    name: "send",
    summary: "send a test push to a subscriber's phones",
    description: "Sends a test push to every phone of a subscriber and shows what became of it.",
    arguments: [subscriberArgument()],
    options: [
      new Option(
        "--kind <kind>",
        "what the push is about (default: call; with --message or --silent: message)",
      ).choices(REQUESTED_KINDS),
      new Option("--caller <who>", "who calls or writes, as the phone shall show it"),
      new Option("--message <text>", "the text of a message"),
      new Option("--silent", "wake the app without showing anything (not for calls)"),
      new Option("--data <name=value>", "custom data for the app; may be given several times").argParser(collectPair),
      new Option("--device <id>", "the one phone that is meant, as 'sip-pushd devices list' names it"),
      new Option("--ttl <seconds>", "how long the push is worth delivering").argParser(readWholeSeconds),
      new Option("--timeout <seconds>", "how long to wait for the outcome").argParser(readSeconds).default(30),
    ],
    json: JSON_OBJECT,
    help: HELP,
    run: send,
  });
}

async function send({ open, options, io }: Asking<SendOptions>, callee: Aor): Promise<Answer> {
  const kind = chooseKind(options);
  const push = buildPush(callee, kind, options);
  const client = await open();
  const sent = await sendPush(client, push);
  if ("reason" in sent) return reportNothingSent(sent);
  const progress = createProgress({ ...io, clock: Date.now });
  const onWaiting = (report: PushReport, elapsedMs: number) => progress.update(describeWaiting(report, elapsedMs));
  const report = await followPush({ client, clock: Date.now, onWaiting }, sent.id, options.timeout * 1000)
    .catch((error: unknown) => {
      throw error instanceof OperatorError ? lostSight(sent.id, error) : error;
    })
    .finally(() => progress.clear());
  const leftOut = options.device === undefined ? await findUndeliverableDevices(client, callee, kind) : [];
  return reportPush(report, leftOut);
}

function chooseKind({ kind, message, silent }: SendOptions): PushKind {
  return kind ?? (message !== undefined || silent === true ? "message" : "call");
}

function buildPush(callee: Aor, kind: PushKind, options: SendOptions) {
  const { caller, message, silent = false, data, device, ttl } = options;
  if (kind === "call" && silent) {
    throw new CliError("silent_call", "A call cannot be silent: it has to ring.", {
      mend: "Leave --silent away, or send another kind: --kind message.",
    });
  }
  const allData = { ...data, ...(message === undefined ? {} : { message }) };
  return { callee, kind, silent, data: allData, caller, device, ttl_seconds: ttl };
}

function describeWaiting({ deliveries }: PushReport, elapsedMs: number): string {
  const ended = deliveries.filter(({ state }) => isTerminal(state)).length;
  const last = deliveries.find(({ state, reason }) => !isTerminal(state) && reason !== undefined);
  const trouble = last === undefined ? "" : `; ${last.device}: ${last.reason} after attempt ${last.attempts}`;
  const seconds = Math.floor(elapsedMs / 1000);
  return `Waiting for ${deliveries.length - ended} of ${deliveries.length} devices, ${seconds} s${trouble}`;
}

function reportNothingSent({ reason, detail, id }: NothingSent): Answer {
  const explanation = explainReason(reason);
  return {
    json: compact({ ok: false, reason, detail, push_id: id, explanation: explanationBody(explanation) }),
    lines: () => [`Nothing was sent: ${printable(reason)}`, ...formatExplanation(explanation)],
    exitCode: EXIT_CODES.notDone,
  };
}

function reportPush(push: PushReport, leftOut: readonly UndeliverableDevice[]): Answer {
  const ok = reachedAll(push);
  const isTimedOut = push.state === "pending" && !needsMending(push);
  return {
    json: { ok, timed_out: isTimedOut, push: explainPush(push, leftOut) },
    lines: () => formatPush(push, leftOut),
    exitCode: ok ? EXIT_CODES.ok : EXIT_CODES.notDone,
  };
}

function lostSight(id: string, { code, message, mend, cause }: OperatorError): CliError {
  const told = `The push was accepted as ${id}, but what became of it could not be learned. ${message}`;
  return new CliError(code, told, compact({ mend, cause }));
}
