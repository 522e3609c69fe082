import { isTerminal } from "../push/push.ts";
import { explainReason } from "../providers/explain-reason.ts";
import type { Explanation } from "../push/explanations/explanation.ts";
import { nameProvider } from "../trace/name-provider.ts";
import type { DeliveryReport, PushReport } from "../trace/trace-report.ts";
import { needsMending } from "./follow-push.ts";
import type { UndeliverableDevice } from "./undeliverable-devices.ts";
import { formatTable, printable } from "./output.ts";
import { wrapText } from "./wrap-text.ts";

/** The push as lines for a person: what became of it on each device, and what to do where it failed. */
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

/** An explanation as a member of JSON. */
export function explanationBody({ meaning, likelyCause, whatToDo }: Explanation): object {
  return { meaning, likely_cause: likelyCause, what_to_do: whatToDo };
}

/** The push with each failure's explanation beside its reason, for programs. */
export function explainPush(push: PushReport, undeliverable: readonly UndeliverableDevice[] = []): object {
  return {
    ...push,
    ...(undeliverable.length === 0
      ? {}
      : { left_out: undeliverable.map((phone) => ({ ...phone, ...explained(phone.reason) })) }),
    ...(push.reason === undefined ? {} : explained(push.reason)),
    deliveries: push.deliveries.map((delivery) => {
      const { reason } = delivery;
      return needsExplaining(delivery) && reason !== undefined ? { ...delivery, ...explained(reason) } : delivery;
    }),
  };
}

function explained(reason: string): object {
  return { explanation: explanationBody(explainReason(reason)) };
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

function needsExplaining({ state }: Pick<DeliveryReport, "state">): boolean {
  return state !== "delivered" && state !== "cancelled";
}

interface ReasonGroup {
  readonly reason: string;
  readonly devices: string[];
  isExpired: boolean;
}

/** Devices by the reason why they were not reached; the push's own reason stands for no device. */
function groupReasons(
  { state, reason, deliveries }: PushReport,
  undeliverable: readonly UndeliverableDevice[],
): ReasonGroup[] {
  const groups = new Map<string, ReasonGroup>();
  const groupOf = (reason: string): ReasonGroup => {
    const group = groups.get(reason) ?? { reason, devices: [], isExpired: false };
    groups.set(reason, group);
    return group;
  };
  if (reason !== undefined && needsExplaining({ state }) && deliveries.length === 0) groupOf(reason);
  for (const delivery of deliveries) {
    if (delivery.reason === undefined || !needsExplaining(delivery)) continue;
    const group = groupOf(delivery.reason);
    group.devices.push(delivery.device);
    group.isExpired ||= delivery.state === "expired" && delivery.reason !== "deadline_passed";
  }
  for (const { reason, device } of undeliverable) groupOf(reason).devices.push(device);
  return [...groups.values()];
}
