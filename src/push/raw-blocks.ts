import type { JsonObject, RawBlocks } from "./content.ts";
import { RESERVED_IDS } from "./data-names.ts";
import type { PushRequest } from "./push.ts";

/** Problem of a raw block, with its field. */
export interface RawProblem {
  readonly field: string;
  readonly message: string;
}

/** Both blocks share a payload of 4096 bytes with the data and the text. */
const LIMIT_BYTES = 2048;

type Judged = Pick<PushRequest, "kind" | "silent">;

/**
 * Returns the first member of the raw blocks that would override what the gateway is responsible for, or that no phone
 * could receive; otherwise undefined.
 */
export function findRawProblem({ apns, fcm }: RawBlocks, push: Judged): RawProblem | undefined {
  return (
    (apns && (checkSize("apns", apns) ?? checkApns(apns, push))) ??
    (fcm && (checkSize("fcm", fcm) ?? checkFcm(fcm, push)))
  );
}

function checkSize(field: string, block: JsonObject): RawProblem | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(block));
  return bytes <= LIMIT_BYTES
    ? undefined
    : { field, message: `has ${bytes} bytes; at most ${LIMIT_BYTES} are allowed` };
}

const APNS_REFUSALS: Readonly<Record<string, string>> = {
  headers: "cannot be set: the gateway writes APNs' headers (see collapse_id, ttl_seconds and silent)",
};
const SHOWN = ["alert", "sound", "badge"] as const;

function checkApns(apns: JsonObject, { silent }: Judged): RawProblem | undefined {
  for (const name of Object.keys(apns)) {
    const message = RESERVED_IDS.has(name) ? "is the gateway's own member" : ownText(APNS_REFUSALS, name);
    if (message !== undefined) return { field: `apns.${name}`, message };
  }
  const { aps } = apns;
  if (aps === undefined) return undefined;
  if (!isObject(aps)) return { field: "apns.aps", message: "has to be an object" };
  if (aps["content-available"] !== undefined) {
    return { field: "apns.aps.content-available", message: "cannot be set: `silent` decides about the push type" };
  }
  const shown = silent ? SHOWN.find((name) => aps[name] !== undefined) : undefined;
  return shown && { field: `apns.aps.${shown}`, message: "cannot be set for a silent push, which shows nothing" };
}

const FCM_REFUSALS: Readonly<Record<string, string>> = {
  token: "cannot be set: the push goes to the callee's devices",
  fid: "cannot be set: the push goes to the callee's devices",
  topic: "cannot be set: the push goes to the callee's devices",
  condition: "cannot be set: the push goes to the callee's devices",
  data: "cannot be set: use `data` of the push",
  apns: "cannot be set: use `apns` of the push",
};
const FCM_MEMBERS = new Set(["notification", "android", "fcm_options"]);
const ANDROID_REFUSALS: Readonly<Record<string, string>> = {
  priority: "cannot be set: fcm.priority in the configuration decides",
  ttl: "cannot be set: use `ttl_seconds`",
  collapse_key: "cannot be set: use `collapse_id`",
  data: "cannot be set: use `data` of the push",
};
const ANDROID_MEMBERS = new Set([
  "notification",
  "restricted_package_name",
  "direct_boot_ok",
  "bandwidth_constrained_ok",
  "restricted_satellite_ok",
  "fcm_options",
]);

function checkFcm(fcm: JsonObject, push: Judged): RawProblem | undefined {
  return (
    checkMembers("fcm", fcm, FCM_MEMBERS, FCM_REFUSALS) ??
    checkObjects("fcm", fcm) ??
    (isObject(fcm["android"])
      ? checkMembers("fcm.android", fcm["android"], ANDROID_MEMBERS, ANDROID_REFUSALS)
      : undefined) ??
    checkNotification(fcm, push)
  );
}

function checkMembers(
  path: string,
  block: JsonObject,
  allowed: ReadonlySet<string>,
  refusals: Readonly<Record<string, string>>,
): RawProblem | undefined {
  const name = Object.keys(block).find((member) => !allowed.has(member));
  if (name === undefined) return undefined;
  const message = ownText(refusals, name) ?? `is not known; known are ${[...allowed].join(", ")}`;
  return { field: `${path}.${name.slice(0, 64).toWellFormed()}`, message };
}

function checkObjects(path: string, block: JsonObject): RawProblem | undefined {
  const wrong = Object.entries(block).find(([, value]) => !isObject(value));
  return wrong && { field: `${path}.${wrong[0]}`, message: "has to be an object" };
}

/** Google shows a notification itself and does not wake the app for it. */
function checkNotification({ notification, android }: JsonObject, { kind, silent }: Judged): RawProblem | undefined {
  const path =
    notification === undefined
      ? isObject(android) && android["notification"] !== undefined
        ? "fcm.android.notification"
        : undefined
      : "fcm.notification";
  if (path === undefined) return undefined;
  if (kind === "call") return { field: path, message: "cannot be set for a call: Android would not wake the app" };
  return silent ? { field: path, message: "cannot be set for a silent push, which shows nothing" } : undefined;
}

function ownText(texts: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(texts, name) ? texts[name] : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
