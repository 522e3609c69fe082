import { domainOf } from "../push/address.ts";
import { buildShownData } from "../push/content.ts";
import { isGooglesName } from "../push/data-names.ts";
import type { Push } from "../push/push.ts";
import { buildCallUuid } from "../push/uuids.ts";
import { buildAps, readAlertText, readRawMembers, restoreData } from "./apple.ts";
import type { Content } from "./fit.ts";
import type { Addressed, GoogleData, PayloadForm, Receiver } from "./form.ts";

type Pushed = Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;

/**
 * Returns the custom members that the app gets, alike from Apple and Google. All values are text; times are epoch
 * milliseconds.
 */
export function buildAppData({ id, request, acceptedAt, deadline }: Pushed): Record<string, string> {
  const { kind, callee, caller, callId = id, callUrl } = request;
  const common = {
    ...request.data,
    ...(caller === undefined || !isSaidBy(request) ? {} : { caller }),
    push_id: id,
    type: request.data["type"] ?? kind,
  };
  // A muted chat is silent even if the platform did not ask for it.
  if (kind === "call_end") return { ...common, call_id: callId, call_uuid: buildCallUuid(callId) };
  if (kind !== "call") return request.silent ? { ...common, silent: "1" } : common;
  return {
    ...common,
    callee: userOf(callee),
    domain: domainOf(callee),
    call_id: callId,
    call_uuid: buildCallUuid(callId),
    ...(callUrl === undefined ? {} : { call_url: callUrl }),
    sent_at: String(acceptedAt),
    expires_at: String(deadline),
  };
}

/**
 * Returns true if the caller has to be named. Messages carry the sender, unless the platform names it in its own
 * members, as NGCP does.
 */
function isSaidBy({ kind, caller, data }: Push["request"]): boolean {
  if (kind === "call") return true;
  return kind !== "call_end" && kind !== "wake" && data["sender_sip"] !== caller && data["sender_jid"] !== caller;
}

function userOf(aor: string): string {
  return aor.slice(0, aor.lastIndexOf("@"));
}

/** Our own payload: the app's data as members, beside `aps` for Apple, and alone for Google. */
export const STANDARD: PayloadForm = {
  content: (addressed, receiver) => readContent(addressed, receiver, buildAppData),
  apple: buildApplePayload,
  google: ({ data }) => data,
};

/** Returns the content of a payload whose data `buildData` makes. */
export function readContent({ push }: Addressed, receiver: Receiver, buildData: typeof buildAppData): Content {
  const { request } = push;
  if (receiver.vendor === "apple") {
    const data = buildData(push);
    const alert = receiver.pushType === "alert" ? readAlertText(request) : undefined;
    return alert === undefined ? { data } : { data, alert };
  }
  const shown = request.silent || receiver.isIos ? {} : buildShownData(request);
  return { data: keepAllowed({ ...shown, ...buildData(push) }) };
}

export function buildApplePayload(...[{ push }, pushType, content]: Parameters<PayloadForm["apple"]>): object {
  const { request } = push;
  const aps = buildAps(request, pushType, content.alert);
  const members = { ...readRawMembers(request), ...restoreData(content.data, request) };
  return Object.keys(aps).length === 0 ? members : { ...members, aps };
}

function keepAllowed(data: GoogleData): GoogleData {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !isGooglesName(name)));
}
