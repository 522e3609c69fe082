import { Type } from "typebox";
import { GatewayError } from "../../gateway/errors.ts";

/** Members for the app beside the gateway's own: any JSON. Values other than text go to Android as JSON text. */
export const PushData = Type.Record(Type.String(), Type.Unknown(), { default: {} });

/**
 * Throws a GatewayError if there are too many members. No payload has room for thousands, and each costs time at every
 * attempt.
 */
export function requireFewMembers(data: Readonly<Record<string, unknown>>, max: number): void {
  const count = Object.keys(data).length;
  if (count <= max) return;
  const detail = `data has ${count} members; at most ${max} are allowed (limits.data_members). Put them into fewer members, e.g. as JSON text.`;
  throw new GatewayError("invalid_field", detail, { field: "data" });
}

/**
 * Returns the data that a platform sends for its app, without `type`, by which the app distinguishes a ringing call
 * from an ended one.
 */
export function readAppMembers({ type: _type, ...data }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return data;
}
