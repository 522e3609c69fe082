import type { FastifyBodyParser, FastifyInstance } from "fastify";
import { GatewayError } from "../gateway/errors.ts";
import { decodeBody } from "../push/decode-text.ts";

/**
 * Returns fastify's parser, which refuses members that could change an object's prototype. fastify calls such a body
 * invalid JSON, which is wrong, so the answer names the member instead.
 */
export function createJsonParser(app: FastifyInstance): FastifyBodyParser<Buffer> {
  const parse = app.getDefaultJsonParser("error", "error");
  return (request, bytes, done) => {
    const body = decodeBody(bytes);
    void parse(request, body, (error, value) => done(error === null ? null : explain(error, body), value));
  };
}

function explain(error: Error, body: string): Error {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return error;
  }
  const found = findForbidden(parsed);
  if (found === undefined) return error;
  const detail = `No member of the body may be called ${found.name}. Give it another name.`;
  return new GatewayError("invalid_field", detail, { field: describe(found), cause: error });
}

/** A member of the body with its parent. */
interface Member {
  readonly name: string;
  readonly value: unknown;
  readonly parent: Member | undefined;
}

/** Not recursive, because a body may be nested deeper than the stack allows. */
function findForbidden(body: unknown): Member | undefined {
  const open: Member[] = listMembers(body, undefined);
  for (let member = open.pop(); member !== undefined; member = open.pop()) {
    if (isForbidden(member)) return member;
    for (const below of listMembers(member.value, member)) open.push(below);
  }
  return undefined;
}

function listMembers(value: unknown, parent: Member | undefined): Member[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, member]: [string, unknown]) => ({ name, value: member, parent }));
}

function isForbidden({ name, value }: Member): boolean {
  if (name === "__proto__") return true;
  return name === "constructor" && typeof value === "object" && value !== null && Object.hasOwn(value, "prototype");
}

const LONGEST_PATH = 5;

function describe(member: Member): string {
  const names: string[] = [];
  for (let at: Member | undefined = member; at !== undefined && names.length < LONGEST_PATH; at = at.parent) {
    names.unshift(at.name);
  }
  return names.join(".");
}
