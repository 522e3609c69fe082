import { explainReason } from "../providers/explain-reason.ts";
import { failed, ok, skipped, type Finding } from "../push/finding.ts";
import type { Check } from "./check.ts";

/** Result of a call push, by device. */
export interface PushResult {
  readonly state: string;
  readonly reason?: string;
  readonly deliveries: readonly {
    readonly device: string;
    readonly provider: string;
    readonly state: string;
    readonly reason?: string;
  }[];
}

export interface EndToEndCheckInput {
  /**
   * Sends a call push through the running gateway and waits for its end. Rejects if it is not accepted. Undefined if
   * there is no recipient.
   */
  readonly send: (() => Promise<PushResult>) | undefined;
  /** Description of the recipient. */
  readonly to: string;
}

export function createEndToEndCheck({ send, to }: EndToEndCheckInput): Check {
  return {
    name: "push",
    async run() {
      if (send === undefined) {
        const mend = "Name a test device's subscriber: sip-pushd check --push alice@example.org";
        return [skipped("No push was sent: this configuration leads to real phones.", mend)];
      }
      try {
        return readResult(await send(), to);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const mend = error instanceof Error && "mend" in error && typeof error.mend === "string" ? error.mend : LOOK;
        return [failed(`A call push to ${to} was not taken: ${message}`, mend)];
      }
    },
  };
}

const LOOK = "Look at the gateway's log.";

function readResult({ state, reason, deliveries }: PushResult, to: string): Finding[] {
  if (deliveries.length === 0) {
    const word = reason ?? state;
    return [
      failed(
        `A call push to ${to} reached no device: ${word}. ${explainReason(word).meaning}`,
        explainReason(word).whatToDo,
      ),
    ];
  }
  return deliveries.map((delivery) => {
    const which = `A call push to ${to}, device ${delivery.device} (${delivery.provider})`;
    if (delivery.state === "delivered") return ok(`${which}: taken by the provider.`);
    const word = delivery.reason ?? delivery.state;
    const { meaning, whatToDo } = explainReason(word);
    return failed(`${which}: ${delivery.state}, ${word}. ${meaning}`, whatToDo);
  });
}
