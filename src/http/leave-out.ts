import type { FastifyInstance, FastifyRequest } from "fastify";
import { isDataGiven, isNotGiven } from "../push/not-given.ts";

/** Members that name a person or a thing. A placeholder in them means that the value is missing. */
const NAMING: ReadonlySet<string> = new Set([
  "call_id",
  "caller",
  "contact",
  "device",
  "display_name",
  "name",
  "push_id",
]);

/** Members in which an empty text is a real value. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(["alert"]);

/**
 * Removes members without a value from a route's bodies before validation: `null`, empty texts, and placeholders such
 * as `<null>` in names. A caller without a name still calls.
 */
export function leaveOutNotGiven(app: FastifyInstance): void {
  app.addHook("preValidation", async (request: FastifyRequest) => {
    if (!isObject(request.body)) return;
    request.body = keepGiven(request.body, isGiven);
  });
}

function isGiven(name: string, value: unknown): boolean {
  if (typeof value !== "string") return value !== null;
  return NAMING.has(name) ? !isNotGiven(value) : value !== "" || MAY_BE_EMPTY.has(name);
}

function keepGiven(body: object, isKept: typeof isGiven): Record<string, unknown> {
  const kept = Object.entries(body).filter(([name, value]) => isKept(name, value));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, name === "data" && isObject(value) ? keepGiven(value, isMemberGiven) : value]),
  );
}

function isMemberGiven(name: string, value: unknown): boolean {
  return typeof value === "string" ? isDataGiven(name, value) : value !== null;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
