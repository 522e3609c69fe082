import { buildAppData } from "./app-data.ts";
import type { Push } from "./push.ts";

type Pushed = Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;

/**
 * What vialer-middleware sends its apps, beside our own members (`app/push.py`). None of them may be missing: Vialer for iPhones leaves a call
 * alone that has no `response_api`, and ends without `message_start_time`; on Android it ends without `attempt` where its connection is bad.
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
    // Seconds, as Python counts them.
    message_start_time: (acceptedAt / 1000).toFixed(3),
    attempt: "1",
  };
}

const USUAL_PATH = "/api/call-response/";

/** Where the gateway has no address for apps, the path alone. */
function readResponseUrl(path: string = USUAL_PATH, callUrl: string | undefined): string {
  return callUrl !== undefined && URL.canParse(path, callUrl) ? new URL(path, callUrl).href : path;
}
