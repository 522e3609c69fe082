import { shortenToken } from "../push/device.ts";
import { buildErrorRecord } from "./error-record.ts";
import { maskSecrets } from "./mask-secrets.ts";

const MAX_TEXT = 500;

const id = (value: string): string => value.slice(0, MAX_TEXT);
const text = (value: string): string => maskSecrets(value).slice(0, MAX_TEXT);
const count = (value: number): number => value;
const milliseconds = (value: number): number => Math.round(value);
const instant = (epochMs: number): string => new Date(epochMs).toISOString();
const flag = (value: boolean): boolean => value;

/** All fields that a log line can have, each with the function that writes its value. Nothing else reaches the log. */
const WRITERS = {
  push_id: id,
  call_id: id,
  callee: id,
  subscriber: id,
  whose: id,
  /** Drops the parameters of a SIP URI, because apps may put a token into any of them. */
  contact: (uri: string): string => text(uri.split(/[;?]/, 1)[0] ?? ""),
  kind: id,
  alarm: id,
  silent: flag,
  dialect: id,
  provider: id,
  app: id,
  environment: id,
  // Some apps use a token as the device id.
  device: text,
  token_kind: id,
  token: shortenToken,
  deliveries: count,
  requests: count,
  attempt: count,
  outcome: id,
  state: id,
  code: id,
  field: id,
  reason: text,
  hint: text,
  bound: id,
  provider_message_id: id,
  remote_address: id,
  created: flag,
  displaced: count,
  keys: (names: readonly string[]): string[] => names.map(id),
  operation: text,
  times: count,
  duration_ms: milliseconds,
  since_accepted_ms: milliseconds,
  retry_in_ms: milliseconds,
  deadline: instant,
  version: id,
  listen: text,
  file: text,
  files: (paths: readonly string[]): string[] => paths.map(text),
  worker: count,
  pid: count,
  signal: id,
  count,
  expires_at: instant,
  error: buildErrorRecord,
} as const;

type FieldName = keyof typeof WRITERS;

export type LogFields = { readonly [F in FieldName]?: Parameters<(typeof WRITERS)[F]>[0] | undefined };

const WRITER_OF: ReadonlyMap<string, (value: never) => unknown> = new Map(Object.entries(WRITERS));

/** Returns the known fields of a line, each written by its writer. Unknown fields are dropped. */
export function writeFields(fields: LogFields): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const write = WRITER_OF.get(name);
    if (value !== undefined && write !== undefined) written[name] = write(value as never);
  }
  return written;
}
