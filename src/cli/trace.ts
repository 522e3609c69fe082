import { Argument, type Command } from "commander";
import { askForTrace } from "../client/ask-for-trace.ts";
import { concludeCall } from "../trace/conclude.ts";
import { explainTrace } from "../trace/explain-trace.ts";
import { buildCallStory, buildPushStory } from "../trace/story.ts";
import type { TracedCall, TraceReport } from "../trace/trace-report.ts";
import { formatStory } from "./format-story.ts";
import { gatewayCommand } from "./gateway-command.ts";
import { EXIT_CODES, formatTable, printable, type CliIo } from "./output.ts";
import { formatExplanation } from "./push-report.ts";

const HELP = `
Tells a call from the request to its end: who asked, which phones, what Apple and Google said, when a phone registered, who
answered; and where a phone did not ring, the likely cause and what to do. Calls are kept for store.retention_hours.

Exit code: 0 it is known; 1 nothing is known of it; 2 the gateway could not be asked.

Examples:
  sip-pushd trace a84b4c76e66710@pc33.example.com             a call, by its Call-ID
  sip-pushd trace 01a20731-46e1-7748-a50d-30a074776f5b        a push, or the call that it rang for
  sip-pushd trace alice@example.org                           a subscriber's last calls`;

export function buildTraceCommand(io: CliIo): Command {
  return gatewayCommand(io, {
    name: "trace",
    summary: "say why a phone did, or did not, ring",
    description: "Tells what happened to a call, to a push, or to a subscriber's last calls, and why.",
    arguments: [new Argument("<ref>", "a SIP Call-ID, the id of a push, or user@domain")],
    help: HELP,
    async run({ open }, ref: string) {
      const report = await askForTrace(await open(), ref);
      const isKnown = report.calls.length + report.pushes.length > 0;
      return {
        json: explainTrace(report),
        lines: () => (isKnown ? formatTrace(ref, report) : formatNothing(ref)),
        exitCode: isKnown ? EXIT_CODES.ok : EXIT_CODES.notDone,
      };
    },
  });
}

/**
 * Formats several calls of one subscriber as a list with the newest in full. Several callees of one call are all shown
 * in full, and so are replayed pushes with their replacements.
 */
function formatTrace(ref: string, { calls, pushes }: TraceReport): string[] {
  const isList = calls.length > 1 && !calls.some((call) => isNamed(ref, call));
  const stories = [...(isList ? calls.slice(0, 1) : calls).map(buildCallStory), ...pushes.map(buildPushStory)];
  const told = stories.map(formatStory);
  const list = isList ? [...formatTable([COLUMNS, ...calls.map(rowOf)]), "", "The newest of them:", ""] : [];
  return [...list, ...told.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]))];
}

/** Returns true if `ref` is its Call-ID or the id of one of its pushes. */
function isNamed(ref: string, { call_id: callId, pushes, end_pushes: endPushes }: TracedCall): boolean {
  return callId === ref || [...pushes, ...endPushes].some(({ id }) => id === ref.toLowerCase());
}

const COLUMNS = ["BEGUN", "CALL-ID", "CALLER", "WHAT HAPPENED"];

function rowOf(call: TracedCall): string[] {
  return [call.started_at, call.call_id, call.caller ?? "-", concludeCall(call)];
}

/** It may never have been requested. */
function formatNothing(ref: string): string[] {
  return [
    `Nothing is known of ${printable(ref)}.`,
    ...formatExplanation({
      meaning: "It is neither a stored call or push nor a subscriber with stored calls (store.retention_hours).",
      likelyCause: "The platform did not ask, or asked for another address or domain, or its request was refused.",
      whatToDo:
        "Look in the gateway's log for 'refused', and at sip_pushd_pushes_refused_total. 'sip-pushd send user@domain' shows whether the phone can be reached at all.",
    }),
  ];
}
