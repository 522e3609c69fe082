import { isObject, type Answer } from "../exchange.ts";
import { countBytes, isRegistrationToken, isReservedDataKey } from "../registration-token.ts";
import { buildText } from "./answers.ts";

/** A message to Google's legacy servers, in either of its two forms. */
export interface GcmRequest {
  readonly form: "json" | "plain";
  readonly tokens: readonly string[];
  readonly dryRun: boolean;
  /** Error of the message itself, reported for every token. */
  readonly error?: string | undefined;
}

const MAX_TOKENS = 1_000;
const MAX_TTL_SECONDS = 2_419_200;
const MAX_PAYLOAD_BYTES = 4_096;

const FIELD_TYPES = {
  to: "string",
  condition: "string",
  collapse_key: "string",
  priority: "string",
  restricted_package_name: "string",
  time_to_live: "number",
  delay_while_idle: "boolean",
  content_available: "boolean",
  mutable_content: "boolean",
  dry_run: "boolean",
} as const;

/**
 * Returns the request, or a refusal of the whole request (HTTP 400).
 * https://firebase.google.com/docs/cloud-messaging/http-server-ref
 */
export function readJsonRequest(body: unknown): GcmRequest | Answer {
  if (!isObject(body)) return buildText(400, "JSON_PARSING_ERROR: Unexpected token.");
  const field = findMistypedField(body);
  if (field !== undefined) return buildText(400, field);
  const { to, registration_ids: list, data, notification } = body;
  if (to !== undefined && list !== undefined) {
    return buildText(400, 'Must use either "registration_ids" field or "to", not both');
  }
  const tokens = Array.isArray(list) ? list.map(String) : typeof to === "string" && to !== "" ? [to] : [];
  if (tokens.length > MAX_TOKENS)
    return buildText(400, `Number of messages on bulk (${tokens.length}) exceeds maximum allowed (${MAX_TOKENS})`);
  const sizes = { ...asObject(data) };
  const error = checkMessage({
    ttl: body["time_to_live"],
    priority: body["priority"],
    data: sizes,
    bytes: countBytes(sizes) + countBytes(asObject(notification)),
  });
  return { form: "json", tokens, dryRun: body["dry_run"] === true, error };
}

export function readPlainRequest(text: string): GcmRequest {
  const form = new URLSearchParams(text);
  const token = form.get("registration_id");
  const data = Object.fromEntries(
    [...form].filter(([key]) => key.startsWith("data.")).map(([key, value]) => [key.slice("data.".length), value]),
  );
  const ttl = form.get("time_to_live");
  const error = checkMessage({
    ttl: ttl === null ? undefined : Number(ttl),
    priority: form.get("priority") ?? undefined,
    data,
    bytes: countBytes(data),
  });
  return { form: "plain", tokens: token ? [token] : [], dryRun: form.get("dry_run") === "1", error };
}

export function checkToken(token: string): string | undefined {
  return isRegistrationToken(token) ? undefined : "InvalidRegistration";
}

interface MessageParts {
  readonly ttl: unknown;
  readonly priority: unknown;
  readonly data: Readonly<Record<string, unknown>>;
  readonly bytes: number;
}

function checkMessage({ ttl, priority, data, bytes }: MessageParts): string | undefined {
  if (ttl !== undefined && !isTtl(ttl)) return "InvalidTtl";
  if (priority !== undefined && priority !== "high" && priority !== "normal") return "InvalidParameters";
  if (Object.keys(data).some(isReservedDataKey)) return "InvalidDataKey";
  return bytes > MAX_PAYLOAD_BYTES ? "MessageTooBig" : undefined;
}

function isTtl(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TTL_SECONDS;
}

function findMistypedField(body: Record<string, unknown>): string | undefined {
  const list = body["registration_ids"];
  if (list !== undefined && !(Array.isArray(list) && list.length > 0 && list.every((id) => typeof id === "string"))) {
    return '"registration_ids" field must be a JSON array of 1 to 1000 strings';
  }
  for (const name of ["data", "notification"]) {
    if (body[name] !== undefined && !isObject(body[name]))
      return `Field "${name}" must be a JSON object: ${JSON.stringify(body[name])}`;
  }
  const wrong = Object.entries(FIELD_TYPES).find(
    ([name, type]) => body[name] !== undefined && typeof body[name] !== type,
  );
  return wrong && `Field "${wrong[0]}" must be a ${wrong[1]}: ${JSON.stringify(body[wrong[0]])}`;
}

function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
