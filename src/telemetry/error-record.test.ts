import { expect, it } from "vitest";
import { buildErrorRecord } from "./error-record.ts";

const CANARY = "Meet me at the harbour";

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

it("says what happened, and where", () => {
  const error = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6379"), { code: "ECONNREFUSED" });

  const record = buildErrorRecord(error);

  expect(record).toMatchObject({
    name: "Error",
    message: "connect ECONNREFUSED 127.0.0.1:6379",
    code: "ECONNREFUSED",
  });
  expect(record.stack?.[0]).toMatch(/^at .*error-record\.test\.ts:\d+:\d+/);
});

it("follows the causes, but not for ever", () => {
  const loop = new Error("round");
  loop.cause = loop;

  const record = buildErrorRecord(new Error("outer", { cause: loop }));

  expect(record.cause?.cause?.message).toBe("round");
  expect(JSON.stringify(record)).toMatch(/^(?:(?!"cause").|"cause"){1,20000}$/s);
});

it.each<[string, unknown]>([
  ["JSON.parse quotes the text", thrownBy(() => JSON.parse(`${CANARY} at nine`))],
  ["JSON.parse quotes a text with quotation marks", thrownBy(() => JSON.parse(`{"message": ${CANARY}, "a": "b"}`))],
  ["Redis repeats the arguments", new Error(`ERR unknown command 'X', with args beginning with: '${CANARY}'`)],
  ["ioredis keeps the command", Object.assign(new Error("ERR"), { command: { name: "evalsha", args: [CANARY] } })],
  ["a client keeps the request", Object.assign(new Error("400"), { request: { body: CANARY }, body: CANARY })],
  ["its cause tells it", new Error("outer", { cause: Object.assign(new Error("inner"), { data: CANARY }) })],
  ["a string was thrown", CANARY],
  ["an object was thrown", { message: CANARY }],
])("keeps content out although %s", (_, error) => {
  const written = JSON.stringify(buildErrorRecord(error));

  for (const length of [CANARY.length, 8, 6]) expect(written).not.toContain(CANARY.slice(0, length));
});

it("keeps content out of the stack when the message spans lines", () => {
  const error = new Error(`first "line\n    at ${CANARY} (here:1:1)\n    at ${CANARY}" end`);

  expect(JSON.stringify(buildErrorRecord(error))).not.toContain(CANARY);
});
