import { randomUUID } from "node:crypto";
import type { Aor } from "../push/address.ts";
import { compact } from "../push/compact.ts";
import type { PushKind } from "../push/push.ts";
import { RefusedError, type GatewayClient } from "./gateway-client.ts";

export interface OutgoingPush {
  readonly callee: Aor;
  readonly kind: PushKind;
  readonly silent?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly caller?: string | undefined;
  /** Id of the only device that is meant. */
  readonly device?: string | undefined;
  readonly ttl_seconds?: number | undefined;
}

/** The gateway accepted the push. */
export interface Accepted {
  readonly id: string;
  readonly status: "accepted" | "repeat";
}

/** The request was valid, but there was nothing to send. */
export interface NothingSent {
  readonly reason: string;
  readonly detail: string;
  readonly id?: string;
}

interface Receipt {
  readonly id: string;
  readonly status: Accepted["status"] | "suppressed";
  readonly code?: string;
}

/** Refusals that are about the subscriber and not about the request. */
const NOTHING_TO_SEND: ReadonlySet<string> = new Set(["no_device", "domain_disabled"]);

/** Sends the push with a new id, so that a test is never taken for a repeat. Throws a RefusedError for another refusal. */
export async function sendPush(client: GatewayClient, push: OutgoingPush): Promise<Accepted | NothingSent> {
  const body = compact({ ...push, push_id: randomUUID() });
  try {
    const { id, status, code } = await client.request<Receipt>({ method: "POST", path: "/v1/pushes", body }, "status");
    if (status !== "suppressed") return { id, status };
    return { reason: code ?? "push_disabled", detail: "The push was not sent.", id };
  } catch (error) {
    if (!(error instanceof RefusedError) || !NOTHING_TO_SEND.has(error.code)) throw error;
    const { detail, push_id: id } = error.problem;
    return compact({ reason: error.code, detail, id });
  }
}
