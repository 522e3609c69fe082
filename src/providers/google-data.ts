import type { Attempt } from "../gateway/push-provider.ts";
import { buildAppData } from "../push/app-data.ts";
import { fitContent, type Content } from "../push/fit.ts";

/** Keys and values together, of FCM and of GCM: https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode */
const DATA_LIMIT_BYTES = 4096;

/** Names that Google keeps for itself, and refuses a push for. */
const RESERVED = /^(?:from|message_type|collapse_key|(?:google|gcm)(?:\..*)?)$/i;

/** The app's data, within what Google takes. */
export function buildGoogleData({ push }: Pick<Attempt, "push">): Readonly<Record<string, string>> {
  const named = Object.entries(buildAppData(push)).filter(([name]) => !RESERVED.test(name));
  return fitContent({ data: Object.fromEntries(named) }, measure, DATA_LIMIT_BYTES).data;
}

function measure({ data }: Content): number {
  return Object.entries(data).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}
