import { isTerminal } from "../push/push.ts";
import { explainReason } from "../push/explanations/explain-reason.ts";
import type { Explanation } from "../push/explanations/explanation.ts";
import { needsMending, type DeliveryReport, type PushReport } from "./follow-push.ts";
import { formatTable } from "./output.ts";

/** Whether the push woke everything that it was for. */
export function reachedAll({ state, deliveries }: PushReport): boolean {
  return state === "delivered" && deliveries.every((delivery) => delivery.state === "delivered");
}

/** The push as lines for a person: what became of it on each device, and what to do where it failed. */
export function formatPush(push: PushReport): string[] {
  const { id, kind, callee, state, deliveries } = push;
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
  return [
    ...formatTable([[`Push ${id}: ${kind} for ${callee}: ${state}`]]),
    ...formatTable(rows),
    ...(isTerminal(state) ? [] : stillWaiting(push)),
    ...[...groupReasons(push)].flatMap(([reason, devices]) => [
      "",
      ...formatTable([[`${devices.join(", ")}: ${reason}`.replace(/^: /, "")]]),
      ...formatExplanation(explainReason(reason)),
    ]),
  ];
}

export function formatExplanation({ meaning, likelyCause, whatToDo }: Explanation): string[] {
  return [`  ${meaning}`, `  Likely cause: ${likelyCause}`, `  What to do:   ${whatToDo}`];
}

/** An explanation as a member of JSON. */
export function explanationBody({ meaning, likelyCause, whatToDo }: Explanation): object {
  return { meaning, likely_cause: likelyCause, what_to_do: whatToDo };
}

/** The push with each failure's explanation beside its reason, for programs. */
export function explainPush(push: PushReport): object {
  return {
    ...push,
    ...(push.reason === undefined ? {} : { explanation: explanationBody(explainReason(push.reason)) }),
    deliveries: push.deliveries.map((delivery) => {
      const { reason } = delivery;
      return needsExplaining(delivery) && reason !== undefined
        ? { ...delivery, explanation: explanationBody(explainReason(reason)) }
        : delivery;
    }),
  };
}

const PROVIDER_NAMES: Readonly<Record<string, string>> = { apns: "Apple", fcm: "Google", gcm: "Google" };

function answerOf({ provider, state, attempts, reason, provider_message_id: messageId }: DeliveryReport): string {
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  if (state === "delivered") {
    const message = messageId === undefined || messageId === "" ? "" : ` (${messageId})`;
    return `${PROVIDER_NAMES[provider] ?? provider} took it${message}${attempts === 1 ? "" : `, after ${tries}`}`;
  }
  return reason === undefined ? tries : `${reason}, ${tries}`;
}

function stillWaiting(push: PushReport): string[] {
  const { id, deadline } = push;
  if (needsMending(push)) {
    return [`The gateway tries again for a while, in case it is mended soon. Look later with GET /v1/pushes/${id}.`];
  }
  return [
    `The gateway goes on trying until ${deadline}. Look later with GET /v1/pushes/${id}, or wait longer: --timeout.`,
  ];
}

function needsExplaining({ state }: Pick<DeliveryReport, "state">): boolean {
  return state !== "delivered" && state !== "cancelled";
}

/** Devices by the reason why they were not reached; the push's own reason stands for no device. */
function groupReasons({ state, reason, deliveries }: PushReport): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  if (reason !== undefined && needsExplaining({ state }) && deliveries.length === 0) groups.set(reason, []);
  for (const delivery of deliveries) {
    if (delivery.reason === undefined || !needsExplaining(delivery)) continue;
    groups.set(delivery.reason, [...(groups.get(delivery.reason) ?? []), delivery.device]);
  }
  return groups;
}
