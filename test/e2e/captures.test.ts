import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import http2 from "node:http2";
import type { Socket } from "node:net";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchangeRaw } from "../fixtures/http-tools.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const CAPTURES = new URL("../captures/", import.meta.url);
const readCapture = (file: string): Buffer => readFileSync(new URL(file, CAPTURES));

/** Captured requests that are refused, by the field that they lack. */
const REFUSED: Readonly<Record<string, string>> = {
  "ngcp-lua-empty-table.http": "callee",
  "ngcp-lua-escapes.http": "callee",
  "ngcp-lua-unescaped-key.http": "callee",
  "sems-get-hash.http": "callee",
  "sems-get-no-params.http": "callee",
  "sems-post-before-2024-07.http": "callee",
  "sems-post-empty-caller.http": "callee",
  "sems-post-spaces.http": "callee",
  "sems-post-utf8.http": "callee",
  "sems-post.http": "callee",
};

/** All callees of the captures. */
const CALLEES = [
  ...["alice", "bob", "dave", "judy", "nosubscriber", "43991002"].map((user) => `${user}@example.org`),
  "bob@url-only.example.org",
  "bob@tls-cn.example.org",
];

const requests = readdirSync(CAPTURES).filter((file) => file.endsWith(".http"));
const accepted = requests.filter((file) => !(file in REFUSED));

/** HTTP/2 does not encode bodies, so an answer can be recognised in the bytes. */
async function readUntilAnswer(socket: Socket): Promise<string> {
  let received = "";
  while (!received.includes('"status":"')) {
    const [chunk]: Buffer[] = await once(socket, "data");
    received += chunk?.toString("latin1") ?? "";
  }
  return received;
}

describe("what real platforms sent, byte for byte, to a running gateway", () => {
  let running: RunningGateway;

  beforeAll(async () => {
    running = await startRunningGateway();
    for (const [index, callee] of CALLEES.entries()) {
      // A token of zeros counts as fictional.
      const voip = (index + 1).toString(16).padStart(2, "0").repeat(32);
      const remote = (index + 128).toString(16).padStart(2, "0").repeat(32);
      const path = `/v1/subscribers/${encodeURIComponent(callee)}/devices`;
      const token = `${callee.replaceAll(/[@.]/g, "-")}:APA91b${"x".repeat(120)}`;
      await register(`${path}/iphone`, { provider: "apns", tokens: { voip, remote } });
      await register(`${path}/pixel`, { provider: "fcm", token });
    }
  });

  const register = async (path: string, device: unknown) => {
    const { status, body } = await callApi(running, "PUT", path, device);
    if (status !== 201) throw new Error(`${path} was answered with ${status}: ${JSON.stringify(body)}`);
  };

  afterAll(() => running[Symbol.asyncDispose]());

  /** The same call within the dedup window is the same push, which has arrived already. */
  const receivedBy = (provider: "apns" | "fcm", id: unknown) =>
    running.simulator.mailbox.waitFor(
      (delivered) => delivered.provider === provider && JSON.stringify(delivered.payload).includes(String(id)),
    );

  it.each(accepted)("takes %s, and both phones get it", async (file) => {
    const answer = await exchangeRaw(running.plain, readCapture(file));

    expect(answer.statusLine).toBe("HTTP/1.1 200 OK");
    expect(Number(answer.headers.get("content-length"))).toBe(Buffer.byteLength(answer.body));
    const { id } = JSON.parse(answer.body);
    await expect(receivedBy("apns", id)).resolves.toMatchObject({ fate: "delivered" });
    await expect(receivedBy("fcm", id)).resolves.toMatchObject({ fate: "delivered" });
  });

  it.each(Object.entries(REFUSED))("refuses %s and names the field", async (file, field) => {
    const answer = await exchangeRaw(running.plain, readCapture(file));

    expect(answer.statusLine).toBe("HTTP/1.1 400 Bad Request");
    expect(JSON.parse(answer.body)).toMatchObject({ code: "missing_field", field });
  });

  it("tells the operator in the log what to mend in SEMS", async () => {
    await exchangeRaw(running.plain, readCapture("sems-post.http"));

    const hints = running.logLines.map(({ hint }) => hint);
    expect(hints).toContainEqual(expect.stringContaining("use_post=no"));
  });

  it("lets the number through that SEMS sent with a raw plus sign", async () => {
    const { body } = await exchangeRaw(running.plain, readCapture("sems-get.http"));

    const { payload } = await receivedBy("apns", JSON.parse(body).id);
    expect(payload).toMatchObject({ caller: "+431234567", callee: "alice", domain: "example.org" });
  });

  it("lets the name through that SEMS sent as raw UTF-8, which Node's parser refuses", async () => {
    const { body } = await exchangeRaw(running.plain, readCapture("sems-get-utf8.http"));

    const { payload } = await receivedBy("apns", JSON.parse(body).id);
    expect(payload).toMatchObject({ caller: "Jürgen€" });
  });

  it.each(["sems-get-h2.json", "sems-post-h2.json"])("answers %s over HTTP/2", async (file) => {
    const { headers, body } = JSON.parse(readCapture(file).toString("utf8"));
    const session = http2.connect(running.tls, { ca: running.simulator.ca, servername: "localhost" });
    const { ":scheme": _scheme, ":authority": _authority, "content-length": _length, ...rest } = headers;

    const stream = session.request(rest, { endStream: false });
    stream.end(body);
    const [answer] = await once(stream, "response");
    session.destroy();

    expect(answer[":status"]).toBe(file.startsWith("sems-get") ? 200 : 400);
  });

  it("takes the HTTP/2 connection of the NGCP proxy's libcurl, frame for frame", async () => {
    const { hostname, port } = new URL(running.tls);
    const address = { host: hostname, port: Number(port), servername: "localhost", ALPNProtocols: ["h2"] };
    const socket = connect({ ...address, ca: running.simulator.ca });
    await once(socket, "secureConnect");

    // libcurl ended the first stream when it had the answer, and then sent another request on the same connection.
    const bytes = readCapture("ngcp-lua-https-h2.bin");
    const secondPart = bytes.indexOf(Buffer.from([0, 0, 4, 3]));
    socket.write(bytes.subarray(0, secondPart));
    const first = await readUntilAnswer(socket);
    socket.write(bytes.subarray(secondPart));
    const second = await readUntilAnswer(socket);

    expect(socket.alpnProtocol).toBe("h2");
    expect(first).toMatch(/"status":"(?:accepted|repeat)"/);
    expect(second).toContain('"status":"repeat"');
    socket.destroy();
  });

  it("never takes a muted chat's text for an alert", async () => {
    const { body } = await exchangeRaw(running.plain, readCapture("prosody-silent.http"));

    const { headers, payload } = await receivedBy("apns", JSON.parse(body).id);
    expect(headers).toMatchObject({ "apns-push-type": "background", "apns-priority": "5" });
    expect(payload).toMatchObject({ aps: { "content-available": 1 } });
  });
});
