import { buildCallUuid } from "./call-uuid.ts";
import { isAboutCall, type Push } from "./push.ts";

/**
 * Under which id a later push replaces what this one shows. What is said of a call takes the place of what was said of it before; for
 * anything else the request decides.
 */
export function chooseCollapseId({ id, request }: Pick<Push, "id" | "request">): string | undefined {
  return isAboutCall(request) ? buildCallUuid(request.callId ?? id) : request.content?.collapseId;
}
