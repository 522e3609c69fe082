import { Agent, request as sendRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { afterEach, expect, it } from "vitest";
import { tls } from "../../../test/fixtures/http-tools.ts";
import { createHttpFixture, KEY } from "../../../test/fixtures/http-fixture.ts";
import type { Dialect } from "../../gateway/dialect.ts";
import { startListeners } from "../listen.ts";
import type { Source } from "./sources.ts";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const FOREIGN: Dialect = {
  name: "foreign",
  paths: ["/foreign/*"],
  bodyLimitBytes: 1_000,
  read: () => expect.unreachable(),
  answer: (result) => ({
    status: result.kind === "refused" ? result.status : 200,
    contentType: "text/plain",
    body: "status=NAK",
  }),
};

/** A listener whose shedder admits or refuses everything, and records its calls. */
async function arrange({ admits = false, isShedding = true, isSecure = false } = {}) {
  const asked: { readonly delayMs: number; readonly source: Source | undefined }[] = [];
  let refused = 0;
  const apiKeys = createHttpFixture().deps.apiKeys();
  const fixture = createHttpFixture(
    {},
    {
      apiKeys: () => apiKeys,
      overload: {
        shedder: {
          isShedding,
          admits(delayMs, source) {
            asked.push({ delayMs, source });
            return admits;
          },
        },
        readDelayMs: () => 7,
        onRefused: () => (refused += 1),
      },
    },
  );
  const deps = { ...fixture.deps, dialects: [...fixture.deps.dialects, FOREIGN] };
  const listener = { host: "127.0.0.1", port: 0, requireKey: false, ...(isSecure ? { tls } : {}) };
  const listeners = cleanup.use(await startListeners([listener], deps));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanup.defer(() => agent.destroy());
  const { port } = listeners.addresses[0]!;
  const send = (method: string, path: string, body = "", headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = sendRequest({ agent, port, host: "127.0.0.1", method, path, headers }, (response) => {
        let received = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: received }));
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  return { foreign: fixture.foreign, pushes: fixture.asked, asked, send, port, refused: () => refused };
}

const PUSH = JSON.stringify({ kind: "call", callee: "alice@a.example", caller: "bob@b.example" });
const AS_JSON = { "content-type": "application/json" };

it("refuses a request unread, says when to come back, and keeps the connection", async () => {
  const { send, asked, refused, pushes, foreign } = await arrange();

  const first = await send("POST", "/v1/pushes", PUSH, AS_JSON);
  const second = await send("GET", "/push?callee=alice&domain=c.example");

  expect(first).toMatchObject({
    status: 503,
    headers: { "retry-after": "1", "content-type": "application/problem+json", connection: "keep-alive" },
  });
  expect(JSON.parse(first.body)).toMatchObject({ code: "overloaded", status: 503 });
  expect(second.status).toBe(503);
  expect(asked).toEqual([
    { delayMs: 7, source: { key: "", domain: "a.example" } },
    { delayMs: 7, source: { key: "", domain: "c.example" } },
  ]);
  expect(refused()).toBe(2);
  expect([...pushes, ...foreign]).toEqual([]);
});

it("passes on whole what it has looked at", async () => {
  const { send, foreign, pushes } = await arrange({ admits: true });
  const rest = "x".repeat(100_000);

  const push = await send("POST", "/v1/pushes", PUSH, AS_JSON);
  const empty = await send("POST", "/push");
  await send("POST", "/push", `domain=a.example&rest=${rest}`, { "content-type": "application/x-www-form-urlencoded" });

  expect(push.status).toBe(202);
  expect(empty.status).toBe(200);
  expect(pushes[0]?.request.callee).toBe("alice@a.example");
  expect(Buffer.from(foreign[1]!.body).toString()).toBe(`domain=a.example&rest=${rest}`);
});

it("knows a source by its key", async () => {
  const { send, asked } = await arrange();

  await send("POST", "/v1/pushes", PUSH, { ...AS_JSON, authorization: `Bearer ${KEY}` });
  await send("GET", "/v1/providers", "", { "x-api-key": "another-key" });
  await send("GET", "/v1/providers", "", { authorization: "Bearer none of them" });

  expect(asked.map(({ source }) => source)).toEqual([
    { key: "proxy", domain: "a.example" },
    { key: "chat", domain: "" },
    { key: "", domain: "" },
  ]);
});

it.each(["/healthz", "/readyz", "/metrics", "/v1/calls/some%40call/events", "/v1/registrations"])(
  "never refuses %s",
  async (path) => {
    const { send, asked } = await arrange();

    expect((await send(path.startsWith("/v1") ? "POST" : "GET", path)).status).not.toBe(503);
    expect(asked).toEqual([]);
  },
);

it("refuses in a platform's own words", async () => {
  const { send } = await arrange();

  const answer = await send("POST", "/foreign/push", "to=alice@a.example");

  expect(answer).toMatchObject({
    status: 503,
    headers: { "content-type": "text/plain", "retry-after": "1" },
    body: "status=NAK",
  });
});

it("asks whose request it is only while requests are refused", async () => {
  const { send, asked } = await arrange({ admits: true, isShedding: false });

  await send("POST", "/v1/pushes", PUSH, AS_JSON);

  expect(asked).toEqual([{ delayMs: 7, source: undefined }]);
});

it("refuses streams of HTTP/2 as well, and keeps their connection", async () => {
  const { port, asked } = await arrange({ isSecure: true });
  const session = connectHttp2(`https://localhost:${port}`, { ca: tls.certificate });
  cleanup.defer(() => session.destroy());
  const ask = () =>
    new Promise<unknown>((resolve, reject) => {
      const stream = session.request({ ":method": "POST", ":path": "/v1/pushes", ...AS_JSON });
      stream.on("response", (headers) => resolve([headers[":status"], headers["retry-after"]]));
      stream.on("error", reject);
      stream.end(PUSH);
      stream.resume();
    });

  expect([await ask(), await ask()]).toEqual([
    [503, "1"],
    [503, "1"],
  ]);
  expect(asked.map(({ source }) => source)).toEqual([
    { key: "", domain: "a.example" },
    { key: "", domain: "a.example" },
  ]);
});
