import type { ForeignRequest } from "../../gateway/dialect.ts";
import type { ApsWishes } from "../../push/content.ts";
import { isDataGiven, isNotGiven } from "../../push/not-given.ts";
import { REQUESTED_KINDS, type PushKind, type PushRequest } from "../../push/push.ts";
import { listIgnoredWishes, readApsWishes, readCollapseId } from "./aps-wishes.ts";
import { readCallee } from "./callee.ts";
import { fieldsBehind, findValue, invalidField, onlyValue, readFlag, type Field } from "./field.ts";
import { nameSender } from "./room-alert.ts";
import { compact } from "../../push/compact.ts";

type DataFields = ReadonlyMap<string, Field>;

const MAX_CALLER_LENGTH = 1024;

/** Interprets the fields. Unknown names, such as an API key in SEMS's push URL, are ignored. */
export function readPushRequest(fields: readonly Field[], request: ForeignRequest): PushRequest {
  const callee = readCallee(fields, request);
  const given = readDataFields(fields);
  const kind = readKind(given.get("type"));
  const silentFlag = readFlag(given.get("silent"));
  const data = buildData(given, kind, silentFlag);
  const aps = nameSender(readApsWishes(fields), data);
  const collapseId = kind === "call" ? undefined : readCollapseId(fields);
  const caller = readCaller(fields, kind, data);
  const callId = readId(fields, "call_id", 255);
  const pushId = readId(fields, "push_id", 128);
  return compact({
    kind,
    callee,
    caller,
    callId,
    pushId,
    silent: kind !== "call" && (silentFlag === true || isBackgroundOnly(aps)),
    data,
    content: collapseId === undefined ? undefined : { collapseId },
    aps,
  });
}

/** Returns the names of fields without effect. */
export function listIgnoredFields(fields: readonly Field[]): string[] {
  const type = readDataFields(fields).get("type");
  return listIgnoredWishes(fields, { isCall: readKind(type) === "call" });
}

/** `gcm_data_` is the prefix of 2014; the present one takes precedence. */
function readDataFields(fields: readonly Field[]): DataFields {
  return new Map([...fieldsBehind("gcm_data_", fields), ...fieldsBehind("data_", fields)]);
}

/** SEMS and the proxy, which push calls, send no type. */
function readKind(type: Field | undefined): PushKind {
  if (type === undefined || type.value === "") return "call";
  const kind = REQUESTED_KINDS.find((known) => known === type.value);
  if (kind === undefined) throw invalidField(type.name, `is not one of ${REQUESTED_KINDS.join(", ")}`);
  return kind;
}

function buildData(given: DataFields, kind: PushKind, silent: boolean | undefined): Record<string, string> {
  const data = new Map<string, string>();
  for (const [name, { value }] of given) {
    if (saysSomething(name, value)) data.set(name, value);
  }
  if (silent !== undefined) data.set("silent", silent ? "1" : "0");
  if (kind === "call") ["type", "silent"].forEach((name) => data.delete(name));
  return Object.fromEntries(data);
}

/**
 * Prosody sends `sender_name` and `sender_number` empty if it does not know them (in rooms, from foreign hosts), or
 * `sender_number` as Lua's `nil`. An empty `message` is a real one.
 */
function saysSomething(name: string, value: string): boolean {
  if (name === "__proto__") return false;
  return isDataGiven(name, value) && (value !== "" || name === "message");
}

/** Messages name their sender in the data. An anonymous call has an empty caller. */
function readCaller(
  fields: readonly Field[],
  kind: PushKind,
  data: Readonly<Record<string, string>>,
): string | undefined {
  const caller = findValue(fields, "caller") ?? "";
  if (caller.length > MAX_CALLER_LENGTH) {
    throw invalidField("caller", `is longer than ${MAX_CALLER_LENGTH} characters`);
  }
  if (caller !== "") return caller;
  return kind === "call" ? undefined : (data["sender_sip"] ?? data["sender_jid"]);
}

function readId(fields: readonly Field[], name: string, maxLength: number): string | undefined {
  const id = onlyValue(fields, name) ?? "";
  if (isNotGiven(id)) return undefined;
  if (id.length <= maxLength && /^\P{C}+$/u.test(id)) return id;
  throw invalidField(name, `is not 1 to ${maxLength} printable characters`);
}

/** `content-available` without visible content is a background push (Apple: "Pushing background updates"). */
function isBackgroundOnly({ contentAvailable, alert, sound, badge }: ApsWishes): boolean {
  return contentAvailable === true && alert === undefined && sound === undefined && badge === undefined;
}
