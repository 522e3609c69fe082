import fc from "fast-check";
import { expect, it } from "vitest";
import { listCaptures, readCapture } from "../../test/fixtures/captured-request.ts";
import type { Dialect, ForeignRequest } from "../gateway/dialect.ts";
import { GatewayError } from "../gateway/errors.ts";
import { createFlexisipDialect } from "./flexisip/dialect.ts";
import { createFreeswitchDialect } from "./freeswitch/dialect.ts";
import { createKazooDialect } from "./kazoo/dialect.ts";
import { createSylkDialect } from "./sylk/dialect.ts";
import { createVialerDialect } from "./vialer/dialect.ts";

const at = (name: string) => ({ paths: [`/compat/${name}`] });
const DIALECTS: Readonly<Record<string, Dialect>> = {
  flexisip: createFlexisipDialect(at("flexisip")),
  freeswitch: createFreeswitchDialect(at("freeswitch")),
  kazoo: createKazooDialect(at("kazoo")),
  sylk: createSylkDialect(at("sylk")),
  vialer: createVialerDialect(at("vialer")),
};

const junk = fc.oneof(
  fc.constantFrom(...'"\\{}[]:,&=%+<>#/$'.split(""), "%zz", "\0", '"payload":', "payload=", "__proto__", "null"),
  fc.string({ maxLength: 3 }),
);
const change = fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(8), text: junk });

function damage(text: string, changes: readonly { place: number; drop: number; text: string }[]): string {
  return changes.reduce((whole, { place, drop, text: inserted }) => {
    const start = Math.floor(place * whole.length);
    return whole.slice(0, start) + inserted + whole.slice(start + drop);
  }, text);
}

/** Returns the result of a request. Any error other than a refusal is a bug. */
function outcomeOf(dialect: Dialect, request: ForeignRequest): string {
  try {
    if (dialect.readCallNotice?.(request) !== undefined) return "call_end";
    return (dialect.readDevice?.(request) ?? dialect.read(request)).kind;
  } catch (error) {
    return error instanceof GatewayError ? "refused" : String(error);
  }
}

const OUTCOMES: readonly string[] = ["call", "message", "call_end", "register", "unregister", "refused"];

it.each(Object.entries(DIALECTS))("%s reads a damaged request or refuses it, and never fails", (name, dialect) => {
  const requests = listCaptures(name).map(readCapture);
  const changes = fc.array(change, { maxLength: 6 });

  fc.assert(
    fc.property(fc.constantFrom(...requests), changes, changes, changes, (request, ofPath, ofQuery, ofBody) => {
      const damaged = {
        ...request,
        path: damage(request.path, ofPath),
        rawQuery: damage(request.rawQuery, ofQuery).replace(/[^\0-\xff]/g, "?"),
        body: Buffer.from(damage(Buffer.from(request.body).toString("utf8"), ofBody)),
      };

      const outcome = outcomeOf(dialect, damaged);

      expect(OUTCOMES).toContain(outcome);
    }),
    { numRuns: 500 },
  );
});
