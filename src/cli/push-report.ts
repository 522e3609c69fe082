import { explainReason } from "../providers/explain-reason.ts";
import type { Explanation } from "../push/explanations/explanation.ts";
import { isTerminal } from "../push/push.ts";
import { groupReasons, type ReasonGroup } from "../trace/explain-push.ts";
import { nameProvider } from "../providers/providers.ts";
import { needsMending, type DeliveryReport, type PushReport, type UndeliverableDevice } from "../trace/trace-report.ts";
import { formatTable, printable, wrapText } from "./output.ts";

/** Returns the push as lines for a person: the result on each device, and what to do about a failure. */
export function formatPush(push: PushReport, undeliverable: readonly UndeliverableDevice[] = []): string[] {
  const { state, deliveries } = push;
  const rows = deliveries.map((delivery) => {
    const { device, provider, environment } = delivery;
    return [
      "",
      device,
      environment === "sandbox" ? `${provider} sandbox` : provider,
      delivery.state,
      answerOf(delivery),
    ];
  });
  const others = undeliverable.map(({ device, provider, reason }) => ["", device, provider, "left out", reason]);
  return [
    printable(describePush(push)),
    ...describeReplay(push).map(printable),
    ...formatTable([...rows, ...others]),
    ...(isTerminal(state) ? [] : stillWaiting(push)),
    ...groupReasons(push, undeliverable).flatMap((group) => formatGroup(group, push)),
  ];
}

function describePush({ id, kind, callee, state, deliveries }: PushReport): string {
  const reached = deliveries.filter((delivery) => delivery.state === "delivered").length;
  const share =
    state === "delivered" && reached < deliveries.length ? ` to ${reached} of ${deliveries.length} phones` : "";
  return `Push ${id}: ${kind} for ${callee}: ${state}${share}`;
}

function describeReplay({ replay_of: older, replayed_as: newer, replayed_at: at }: PushReport): string[] {
  return [
    ...(older === undefined ? [] : [`It is a replay of push ${older}.`]),
    ...(newer === undefined ? [] : [`It was replayed at ${at} as push ${newer}.`]),
  ];
}

function formatGroup({ reason, devices, isExpired }: ReasonGroup, { deadline }: PushReport): string[] {
  const givenUp = `The next attempt would have missed the deadline, ${deadline}.`;
  return [
    "",
    printable(`${devices.join(", ")}: ${reason}`.replace(/^: /, "")),
    ...formatExplanation(explainReason(reason), isExpired ? givenUp : undefined),
  ];
}

export function formatExplanation({ meaning, likelyCause, whatToDo }: Explanation, givenUp?: string): string[] {
  return [
    ...wrapText("  ", meaning),
    ...(givenUp === undefined ? [] : wrapText("  Given up:     ", givenUp)),
    ...wrapText("  Likely cause: ", likelyCause),
    ...wrapText("  What to do:   ", whatToDo),
  ];
}

function answerOf({ provider, state, attempts, reason, provider_message_id: messageId }: DeliveryReport): string {
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  if (state === "delivered") {
    const message = messageId === undefined || messageId === "" ? "" : ` (${messageId})`;
    return `${nameProvider(provider)} took it${message}${attempts === 1 ? "" : `, after ${tries}`}`;
  }
  return reason === undefined ? tries : `${reason}, ${tries}`;
}

function stillWaiting(push: PushReport): string[] {
  const look = `Look later with 'sip-pushd queue show ${push.id}'`;
  return needsMending(push)
    ? ["The gateway tries again for a while, in case it is mended soon.", `${look}.`]
    : [`The gateway goes on trying until ${push.deadline}.`, `${look}, or wait longer: --timeout.`];
}
