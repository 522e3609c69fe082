import { buildCallUuid } from "./uuids.ts";
import { isAboutCall, type Push } from "./push.ts";

/**
 * Returns the id under which a later push replaces this one on the phone. Pushes about one call replace each other; for
 * others the request decides.
 */
export function chooseCollapseId({ id, request }: Pick<Push, "id" | "request">): string | undefined {
  return isAboutCall(request) ? buildCallUuid(request.callId ?? id) : request.content?.collapseId;
}
