import { Type } from "typebox";
import { GatewayError } from "../../gateway/errors.ts";

/** What the app gets beside the gateway's own members: any JSON. What is no text goes to Android as JSON text. */
export const PushData = Type.Record(Type.String(), Type.Unknown(), { default: {} });

/** No payload has room for thousands of members, and each costs time whenever the push is attempted. */
export function requireFewMembers(data: Readonly<Record<string, unknown>>, max: number): void {
  const count = Object.keys(data).length;
  if (count <= max) return;
  const detail = `data has ${count} members; at most ${max} are allowed (limits.data_members). Put them into fewer members, e.g. as JSON text.`;
  throw new GatewayError("invalid_field", detail, { field: "data" });
}
