import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Attempt } from "../../src/simulator/mailbox.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { readCurlLines, readFencedBlocks } from "../fixtures/fenced-blocks.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const PAGES = ["docs/reference/api.md", "docs/app-developers.md", "docs/install.md", "docs/platforms.md", "README.md"];
const BLOCKS = PAGES.flatMap(readFencedBlocks);
const JSON_BLOCKS = BLOCKS.filter(({ info }) => info.startsWith("json"));
const REQUESTS = JSON_BLOCKS.flatMap((block) => {
  const [, method = "", path = ""] = /^json (GET|POST|PUT|PATCH|DELETE) (\S+)$/.exec(block.info) ?? [];
  return method === "" ? [] : [{ ...block, method, path }];
});
const ANSWERS = JSON_BLOCKS.flatMap((block) => {
  const [, method = "", path = "", body] = /^json answer to (GET|POST) (\S+)(?: (.+))?$/.exec(block.info) ?? [];
  return method === "" ? [] : [{ ...block, method, path, body }];
});
const CURL_LINES = readCurlLines(BLOCKS);

const TAKEN = new Set([200, 201, 202]);

const DEVICES = "/v1/subscribers/alice@example.org/devices";
const CALL_ID = "a84b4c76e66710@192.0.2.1";
const IPHONE_CONTACT = `<sip:alice@192.0.2.8;pn-provider=apns;pn-param=T.org.example.phone.voip;pn-prid=${IPHONE_TOKENS.voip}>;+sip.instance="<iphone>"`;

let running: RunningGateway;
beforeEach(async () => {
  running = await startRunningGateway();
  await callApi(running, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
  await callApi(running, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
});
afterEach(() => running[Symbol.asyncDispose]());

const ring = (callId: string) =>
  callApi(running, "POST", "/v1/calls", { call_id: callId, callee: "alice@example.org", caller: "+4315551234" });
const registerIphone = () =>
  callApi(running, "POST", "/v1/registrations", { aor: "sip:alice@example.org", contact: IPHONE_CONTACT });

const arrived = (text: string, isTo: (attempt: Attempt) => boolean = () => true) =>
  running.simulator.mailbox.waitFor((attempt) => isTo(attempt) && JSON.stringify(attempt.payload).includes(text));

/** Replaces `{id}` in a documented path by the id of a failed push of a call. */
async function fillId(path: string): Promise<string> {
  if (!path.includes("{id}")) return path;
  running.simulator.script(IPHONE_TOKENS.voip, { status: 400, reason: "DeviceTokenNotForTopic", times: 1 });
  const call = { kind: "call", callee: "alice@example.org", call_id: CALL_ID, device: "iphone" };
  const { body } = await callApi(running, "POST", "/v1/pushes", call);
  const id = String(body["id"]);
  await expect
    .poll(async () => (await callApi(running, "GET", `/v1/pushes/${id}`)).body)
    .toMatchObject({ state: "failed" });
  return path.replace("{id}", id);
}

/** Runs the documented command against the gateway of the test. */
async function runCurl(command: string): Promise<{ readonly status: number; readonly body: string }> {
  const here = command
    .replaceAll("http://127.0.0.1:45059", running.plain)
    .replaceAll("https://localhost:45060", running.tls);
  const quiet = here.replace(/^curl /, "curl -sS -w '\\n%{http_code}' ");
  const { stdout } = await promisify(execFile)("sh", ["-c", quiet]);
  const [, body = "", status = ""] = /^(.*)\n(\d{3})$/s.exec(stdout) ?? [];
  return { status: Number(status), body };
}

/** Returns the paths of documented members that the real answer lacks. In a list, one entry must have them. */
function findMissing(documented: unknown, real: unknown, path = "$"): string[] {
  if (Array.isArray(documented)) {
    const entries = Array.isArray(real) ? (real as unknown[]) : [];
    return documented.flatMap((wanted: unknown) => {
      const all = entries.map((entry) => findMissing(wanted, entry, `${path}[]`));
      return all.toSorted((a, b) => a.length - b.length)[0] ?? [`${path}[]`];
    });
  }
  if (typeof documented !== "object" || documented === null) return typeof real === typeof documented ? [] : [path];
  return Object.entries(documented).flatMap(([name, value]) => {
    const member: unknown = typeof real === "object" && real !== null ? Reflect.get(real, name) : undefined;
    return member === undefined ? [`${path}.${name}`] : findMissing(value, member, `${path}.${name}`);
  });
}

it("every JSON block of the documents says what it is: a request, or the answer to one", () => {
  const known = new Set([...REQUESTS, ...ANSWERS].map(({ where }) => where));

  expect(JSON_BLOCKS.map(({ where }) => where).filter((where) => !known.has(where))).toEqual([]);
  expect(REQUESTS.length).toBeGreaterThanOrEqual(5);
  expect(CURL_LINES.length).toBeGreaterThanOrEqual(6);
});

describe("a documented request", () => {
  it.each(REQUESTS)("is taken: $where, $method $path", async ({ method, path, text }) => {
    const { status, body } = await callApi(running, method, await fillId(path), JSON.parse(text));

    expect({ isTaken: TAKEN.has(status), body }).toMatchObject({ isTaken: true });
  });

  it("of a message appears with title, text and caller on both phones", async () => {
    const documented = REQUESTS.find(({ path }) => path === "/v1/pushes");
    const message = { ...JSON.parse(documented?.text ?? "{}"), push_id: "appears" };

    const { body } = await callApi(running, "POST", "/v1/pushes", message);

    const id = String(body["id"]);
    const iphone = await arrived(id, ({ token }) => token === IPHONE_TOKENS.remote);
    const pixel = await arrived(id, ({ token }) => token === ANDROID_TOKEN);
    expect(iphone.payload).toMatchObject({
      caller: "bob@example.org",
      room: { id: 42 },
      aps: { alert: { title: "Bob", body: "Lunch?" }, category: "CHAT", "thread-id": "room-42", badge: 1 },
    });
    expect(pixel.payload).toMatchObject({
      message: {
        data: { title: "Bob", body: "Lunch?", alert: "Lunch?", caller: "bob@example.org", room: '{"id":42}' },
        android: { priority: "HIGH" },
      },
    });
  });

  it.each(CURL_LINES)("by curl is taken: $where, $command", async ({ command }) => {
    const [, ended] = /\/v1\/calls\/([^/\s]+)\/events/.exec(command) ?? [];
    if (ended !== undefined) await ring(ended);
    const [, callId] = /"?call_id"?[=:]\s*"?([^"&\s]+)/.exec(command) ?? [];

    const answer = runCurl(command);
    if (callId !== undefined) {
      await arrived(callId);
      await registerIphone();
    }

    const { status, body } = await answer;
    expect({ isTaken: TAKEN.has(status), body }).toMatchObject({ isTaken: true });
  });
});

describe("a documented answer", () => {
  it.each(ANSWERS)(
    "has no member that the real one lacks: $where",
    async ({ method, path: documented, body, text }) => {
      const path = await fillId(documented);
      await callApi(running, "PATCH", "/v1/subscribers/alice@example.org/preferences", { mobile_push_expiry: 30 });
      await ring(CALL_ID);
      await arrived(CALL_ID, ({ token }) => token === IPHONE_TOKENS.voip);
      await registerIphone();
      await callApi(running, "POST", `/v1/calls/${CALL_ID}/events`, { event: "answered", device: "iphone" });

      const answer = await callApi(running, method, path, body === undefined ? undefined : JSON.parse(body));

      expect(findMissing(JSON.parse(text.replaceAll("…", "")), answer.body)).toEqual([]);
    },
  );
});
