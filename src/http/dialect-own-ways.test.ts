import { describe, expect, it } from "vitest";
import type { Dialect } from "../gateway/dialect.ts";
import { GatewayError } from "../gateway/errors.ts";
import { ALICE, aRingingCall } from "../../test/fixtures/builders.ts";
import { createHttpFixture, PUSH_ID } from "../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "./server.ts";

/** A dialect with all optional members. */
const WORDY: Dialect = {
  name: "wordy",
  paths: ["/wordy", "/wordy/*"],
  methods: ["POST", "DELETE"],
  bodyLimitBytes: 100,
  ignores: ({ path }) => path.endsWith("/log"),
  read({ path }) {
    if (path.endsWith("/bug")) throw new TypeError("secret internals");
    if (path.endsWith("/nobody")) throw new GatewayError("missing_field", "Who?", { field: "callee" });
    return { kind: "call", callee: ALICE, silent: false, data: { path }, aps: {} };
  },
  readCallNotice({ path }) {
    const notice = { selector: { id: "c1" }, event: { kind: "cancelled" } } as const;
    if (path.endsWith("/over")) return notice;
    const push = { kind: "call_end", callee: ALICE, silent: true, data: {}, aps: {} } as const;
    return path.endsWith("/told") ? { ...notice, push } : undefined;
  },
  readDevice({ method, path }) {
    if (method === "DELETE") return { kind: "unregister", subscriber: ALICE, deviceId: "phone" };
    if (!path.endsWith("/phone")) return undefined;
    const device = { subscriber: ALICE, id: "phone", provider: "fcm", tokens: {}, environment: "production" } as const;
    return { kind: "register", device };
  },
  answer(result) {
    const body = result.kind === "refused" ? { no: result.error.code, status: result.status } : result;
    return { status: 299, contentType: "text/x-wordy", body: JSON.stringify(body) };
  },
};

describe("a dialect with ways of its own", () => {
  function serveWordy(requireKey = false) {
    const fixture = createHttpFixture({}, { dialects: [WORDY] });
    const app = createHttpServer({ requireKey, names: () => [] }, fixture.deps);
    const ask = async (method: "POST" | "DELETE" | "GET" | "PUT", url: string, payload?: string) => {
      const { statusCode, headers, body } = await app.inject({
        method,
        url,
        ...(payload === undefined ? {} : { payload }),
      });
      return { status: statusCode, type: headers["content-type"], headers, body: JSON.parse(body) };
    };
    return { ...fixture, ask };
  }

  it("takes what is below its path, as it was sent, and answers in its own words", async () => {
    const { ask, asked } = serveWordy();

    const answer = await ask("POST", "/wordy/%24event/b%2Fc?x=1");

    expect(answer).toMatchObject({
      status: 299,
      type: "text/x-wordy",
      body: { kind: "pushed", receipt: { kind: "accepted", id: PUSH_ID } },
    });
    expect(asked).toMatchObject([{ request: { data: { path: "/wordy/%24event/b%2Fc" } }, dialect: "wordy" }]);
  });

  it("notes what became of a call, and has the phones told in its own words or in the gateway's", async () => {
    const { ask, asked, deps } = serveWordy();
    const heard: unknown[][] = [];
    deps.calls.hear = async (...args) => {
      heard.push(args);
      return [aRingingCall()];
    };

    const answers = [await ask("POST", "/wordy/told"), await ask("POST", "/wordy/over")];

    expect(answers.map(({ body }) => body)).toMatchObject([
      { kind: "pushed" },
      { kind: "heard", calls: [{ id: aRingingCall().id }] },
    ]);
    expect(heard).toEqual([
      [{ id: "c1" }, { kind: "cancelled" }, { areTold: true }],
      [{ id: "c1" }, { kind: "cancelled" }, { areTold: false }],
    ]);
    expect(asked).toMatchObject([{ request: { kind: "call_end" }, dialect: "wordy" }]);
  });

  it("registers and removes devices", async () => {
    const { ask, asked } = serveWordy();

    const answers = [
      await ask("POST", "/wordy/phone"),
      await ask("POST", "/wordy/phone"),
      await ask("DELETE", "/wordy"),
      await ask("DELETE", "/wordy/"),
    ];

    expect(answers.map(({ body }) => body)).toEqual([
      { kind: "registered", created: true },
      { kind: "registered", created: false },
      { kind: "unregistered", removed: true },
      { kind: "unregistered", removed: false },
    ]);
    expect(asked).toEqual([]);
  });

  it("refuses in its own words too, and reports it", async () => {
    const { ask, refused } = serveWordy();

    const answers = [await ask("POST", "/wordy/nobody"), await ask("POST", "/wordy", "x".repeat(101))];

    expect(answers.map(({ type, body }) => [type, body])).toEqual([
      ["text/x-wordy", { no: "missing_field", status: 400 }],
      ["text/x-wordy", { no: "body_too_large", status: 413 }],
    ]);
    expect(refused).toMatchObject([
      { dialect: "wordy", code: "missing_field" },
      { dialect: "wordy", code: "body_too_large" },
    ]);
  });

  it("says nothing of an error of ours but that there was one", async () => {
    const { ask, unexpected } = serveWordy();

    const answer = await ask("POST", "/wordy/bug");

    expect(answer).toMatchObject({ type: "text/x-wordy", body: { no: "internal_error", status: 500 } });
    expect(unexpected).toMatchObject([{ message: "secret internals" }]);
  });

  it("takes what it has no use for, and goes no further", async () => {
    const { ask, asked } = serveWordy();

    const answer = await ask("POST", "/wordy/log");

    expect(answer.body).toEqual({ kind: "ignored" });
    expect(asked).toEqual([]);
  });

  it("still asks for the key as everybody does", async () => {
    const { ask } = serveWordy(true);

    const answer = await ask("POST", "/wordy");

    expect(answer.body).toEqual({ no: "unauthorized", status: 401 });
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /);
  });

  it.each(["/wordy", "/wordy/x"])("takes no other method at %s", async (url) => {
    const { ask } = serveWordy();

    const answer = await ask("GET", url);

    expect(answer).toMatchObject({ status: 405, headers: { allow: "POST, DELETE" } });
  });
});
