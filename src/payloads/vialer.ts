import type { Push } from "../push/push.ts";
import type { PayloadForm } from "./form.ts";
import { buildAppData, buildApplePayload, readContent } from "./standard.ts";

type Pushed = Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;

/**
 * Returns the members that vialer-middleware sends its apps, beside the gateway's own (`app/push.py`). All are
 * required: Vialer for iPhone ignores a call without `response_api` and crashes without `message_start_time`; on
 * Android it crashes without `attempt` if its connection is bad.
 */
export function buildVialerData(push: Pushed): Record<string, string> {
  const { id, request, acceptedAt } = push;
  const data = buildAppData(push);
  if (request.kind !== "call") return data;
  const { caller = "", callId = id, callUrl } = request;
  return {
    ...data,
    unique_key: callId,
    phonenumber: caller,
    caller_id: request.data["display_name"] ?? request.data["sender_name"] ?? "",
    response_api: readResponseUrl(request.data["response_api"], callUrl),
    // Seconds as Python writes them.
    message_start_time: (acceptedAt / 1000).toFixed(3),
    attempt: "1",
  };
}

const USUAL_PATH = "/api/call-response/";

/** Returns only the path if the gateway has no address for apps. */
function readResponseUrl(path: string = USUAL_PATH, callUrl: string | undefined): string {
  return callUrl !== undefined && URL.canParse(path, callUrl) ? new URL(path, callUrl).href : path;
}

/** For the apps of vialer-middleware: the same as ours, with its members. */
export const VIALER: PayloadForm = {
  content: (addressed, receiver) => readContent(addressed, receiver, buildVialerData),
  apple: buildApplePayload,
  google: ({ data }) => data,
};
