import { isObject, type Answer } from "../exchange.ts";
import { countBytes, isInstallationId, isRegistrationToken, isReservedDataKey } from "../registration-token.ts";
import { buildInvalidArgument, buildInvalidToken, buildMalformed } from "./answers.ts";
import { findMisshapenField, toSnakeCase } from "./message-shape.ts";

/** The parts of a valid message that the server needs. */
export interface FcmRequest {
  /** The registration token, installation id, topic or condition. */
  readonly target: string;
  readonly kind: (typeof TARGETS)[number];
  readonly validateOnly: boolean;
}

const TARGETS = ["token", "fid", "topic", "condition"] as const;
const MAX_PAYLOAD_BYTES = 4_096;
const MAX_TOPIC_PAYLOAD_BYTES = 2_048;
const MAX_TTL_SECONDS = 2_419_200;

/** Returns the request, or Google's refusal. Types are checked first, as in Google's JSON parser. */
export function checkFcmRequest(body: unknown): FcmRequest | Answer {
  if (!isObject(body)) return buildMalformed("Invalid JSON payload received. Unexpected token.");
  const misshapen = findMisshapenField(body);
  if (misshapen !== undefined) return buildMalformed(misshapen.description, misshapen);

  const request = withSnakeCaseNames(body);
  const message = withSnakeCaseNames(request["message"]);
  const targets = TARGETS.filter((kind) => isText(message[kind]));
  const [kind, second] = targets;
  if (second !== undefined) return oneofAlreadySet(second);
  if (kind === undefined) return buildInvalidArgument("Recipient of the message is not set.", noTarget());

  const target = String(message[kind]);
  const refusal = checkTarget(kind, target) ?? checkAndroid(message) ?? checkData(message) ?? checkSize(message, kind);
  return refusal ?? { target, kind, validateOnly: request["validate_only"] === true };
}

function checkTarget(kind: FcmRequest["kind"], target: string): Answer | undefined {
  if (kind === "topic" && !/^(?:\/topics\/)?[A-Za-z0-9-_.~%]+$/.test(target)) {
    return buildInvalidArgument("Malformed topic name", {
      field: "message.topic",
      description: "Malformed topic name",
    });
  }
  if (kind === "fid" && !isInstallationId(target)) {
    const field = { field: "message.fid", description: "Invalid installation id" };
    return buildInvalidArgument("Request contains an invalid argument.", field);
  }
  if (kind !== "token" || isRegistrationToken(target)) return undefined;
  return refuseToken(target);
}

/**
 * Google was seen to give both answers: one names the field, the other mentions it only in its message. Which token
 * gets which is unknown; here a truncated token gets the second one.
 */
function refuseToken(token: string): Answer {
  if (token.length < 8) return buildInvalidToken();
  const field = { field: "message.token", description: "Invalid registration token" };
  return buildInvalidArgument("Request contains an invalid argument.", field);
}

function checkAndroid(message: Record<string, unknown>): Answer | undefined {
  const { priority, ttl } = withSnakeCaseNames(message["android"]);
  if (isText(priority) && !["HIGH", "NORMAL"].includes(priority.toUpperCase())) {
    const field = "message.android.priority";
    const description = `Invalid value at '${field}' (type.googleapis.com/google.firebase.fcm.v1.AndroidMessagePriority), "${priority}"`;
    return buildMalformed(description, { field, description });
  }
  return typeof ttl === "string" ? checkTtl(ttl) : undefined;
}

function checkTtl(ttl: string): Answer | undefined {
  const field = "message.android.ttl";
  const seconds = /^(-?\d+(?:\.\d{1,9})?)s$/.exec(ttl)?.[1];
  if (seconds === undefined) {
    const description = `Invalid value at '${field}' (type.googleapis.com/google.protobuf.Duration), Field 'ttl', Illegal duration format; duration must end with 's'`;
    return buildMalformed(description, { field, description });
  }
  const isInRange = Number(seconds) >= 0 && Number(seconds) <= MAX_TTL_SECONDS;
  const description = `Invalid ttl (${ttl}): must be between 0 and ${MAX_TTL_SECONDS} seconds`;
  return isInRange ? undefined : buildInvalidArgument(description, { field, description });
}

function checkData(message: Record<string, unknown>): Answer | undefined {
  const sources = [
    ["message.data", message["data"]],
    ["message.android.data", withSnakeCaseNames(message["android"])["data"]],
  ] as const;
  for (const [field, data] of sources) {
    const reserved = Object.keys(asObject(data)).find(isReservedDataKey);
    const description = `Invalid data payload key: ${reserved}`;
    if (reserved !== undefined) return buildInvalidArgument(description, { field, description });
  }
  return undefined;
}

/** Google names neither a field nor an FcmError if a message is too big. */
function checkSize(message: Record<string, unknown>, kind: FcmRequest["kind"]): Answer | undefined {
  const data = { ...asObject(message["data"]), ...asObject(withSnakeCaseNames(message["android"])["data"]) };
  const size = countBytes(data) + countBytes(asObject(message["notification"]));
  const isDevice = kind === "token" || kind === "fid";
  return size > (isDevice ? MAX_PAYLOAD_BYTES : MAX_TOPIC_PAYLOAD_BYTES)
    ? buildMalformed("Android message is too big")
    : undefined;
}

function oneofAlreadySet(field: string): Answer {
  const description = `Invalid value at 'message' (oneof), oneof field 'target' is already set. Cannot set '${field}'`;
  return buildMalformed(description, { field: "message", description });
}

function noTarget() {
  return { field: "message", description: "Recipient of the message is not set." };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function withSnakeCaseNames(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(asObject(value)).map(([name, child]) => [toSnakeCase(name), child]));
}
