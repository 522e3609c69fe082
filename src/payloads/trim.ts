import { type Content, fitContent, plainMemberBytes } from "./fit.ts";
import type { PushRequest } from "../push/push.ts";
import { compact } from "../push/compact.ts";

/** More than any provider accepts (5120 bytes), so that each can still choose what to drop. */
const KEPT_BYTES = 16 * 1024;

/**
 * Removes what can never reach a phone. A platform may send the same long message three times in one request, several
 * megabytes in all, which would only fill the queue.
 */
export function trimRequest(request: PushRequest): PushRequest {
  const { data, aps, content: shown } = request;
  const text = aps.alert ?? shown?.body;
  const content: Content = compact({ data, alert: text });
  const fitted = fitContent(content, { measure, memberBytes: plainMemberBytes }, KEPT_BYTES);
  if (fitted === content) return request;
  const { alert } = fitted;
  if (alert === undefined) return { ...request, data: fitted.data };
  return aps.alert === undefined
    ? { ...request, data: fitted.data, content: { ...shown, body: alert } }
    : { ...request, data: fitted.data, aps: { ...aps, alert } };
}

function measure({ data, alert = "" }: Content): number {
  return Object.entries(data).reduce(
    (sum, [name, value]) => sum + plainMemberBytes(name, value),
    Buffer.byteLength(alert),
  );
}
