/**
 * Program: stands in for APNs, FCM and Google's OAuth endpoint. It accepts every push, and notes when it came. It
 * reads and writes HTTP/2 frames itself, so that it does not become the limit. Arguments: paths of certificate and key.
 */
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { nowMs } from "../monotonic.ts";
import { serveOrders } from "../stage/helper-process.ts";
import { buildFrame, buildGreeting, FrameReader } from "./frames.ts";
import type { StandInAnswer, StandInOrder } from "./stand-in-order.ts";

/** Precedes the number of a push in its payload: `bench~17~`. */
const MARK = Buffer.from("bench~");
const TILDE = "~".charCodeAt(0);
const ZERO = "0".charCodeAt(0);
const END_HEADERS_AND_STREAM = 5;
const END_HEADERS = 4;
/** `:status: 200` of HPACK's static table. */
const STATUS_200 = 0x88;

const [certFile = "", keyFile = ""] = process.argv.slice(2);
const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
const sockets = new Set<TLSSocket>();
let delayMs = 0;
let first = 0;
let arrivedAt = new Float64Array(0);
let times = new Uint16Array(0);
let arrived = 0;
let requests = 0;

/** A header field without Huffman coding that is not added to the table (RFC 7541 §6.2.2). */
function buildField(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)]);
}

const APNS_HEADERS = Buffer.concat([
  Buffer.of(STATUS_200),
  buildField("apns-id", "00000000-0000-4000-8000-000000000000"),
]);
const FCM_HEADERS = Buffer.concat([Buffer.of(STATUS_200), buildField("content-type", "application/json")]);
const FCM_BODY = Buffer.from('{"name":"projects/bench/messages/1"}');

const buildApnsAnswer = (stream: number) => buildFrame(1, END_HEADERS_AND_STREAM, stream, APNS_HEADERS);
const buildFcmAnswer = (stream: number) =>
  Buffer.concat([buildFrame(1, END_HEADERS, stream, FCM_HEADERS), buildFrame(0, 1, stream, FCM_BODY)]);

function note(body: Buffer): void {
  const at = body.indexOf(MARK);
  if (at < 0) return;
  let number = 0;
  for (let place = at + MARK.length; place < body.length && body[place] !== TILDE; place += 1)
    number = number * 10 + (body[place] ?? ZERO) - ZERO;
  const index = number - first;
  if (!(index >= 0 && index < times.length)) return;
  requests += 1;
  const before = times[index] ?? 0;
  times[index] = before + 1;
  if (before > 0) return;
  arrived += 1;
  arrivedAt[index] = nowMs();
}

function serve(buildAnswer: (stream: number) => Buffer): Server {
  const options = { ...tls, ALPNProtocols: ["h2"], requestCert: true, rejectUnauthorized: false };
  return createServer(options, (socket) => {
    const reader = new FrameReader();
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.write(buildGreeting());
    socket.on("data", (chunk: Buffer) => {
      const answers: Buffer[] = [];
      const owed = reader.read(chunk, (stream, body) => {
        note(body);
        answers.push(buildAnswer(stream));
      });
      if (owed.length > 0) socket.write(Buffer.concat(owed));
      if (answers.length === 0) return;
      const send = () => void (socket.writable && socket.write(Buffer.concat(answers)));
      if (delayMs === 0) send();
      else setTimeout(send, delayMs);
    });
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

async function goAway(): Promise<void> {
  const closed = [apns, fcm].map((server) => new Promise((resolve) => server.close(resolve)));
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);
}

const apns = serve(buildApnsAnswer);
const fcm = serve(buildFcmAnswer);
const oauth = createHttpsServer(tls, (incoming, response) => {
  incoming.resume();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ access_token: "bench", expires_in: 3599, token_type: "Bearer" }));
});
const apnsPort = await listen(apns, 0);
const fcmPort = await listen(fcm, 0);
const oauthPort = await listen(oauth, 0);

async function answer(order: StandInOrder): Promise<StandInAnswer> {
  if (order.kind === "delay") delayMs = order.ms;
  if (order.kind === "away" && order.isAway === apns.listening) {
    if (order.isAway) await goAway();
    else await Promise.all([listen(apns, apnsPort), listen(fcm, fcmPort)]);
  }
  if (order.kind === "watch") {
    ({ first } = order);
    arrivedAt = new Float64Array(order.count).fill(Number.NaN);
    times = new Uint16Array(order.count);
    arrived = 0;
    requests = 0;
  }
  const state = { apnsPort, fcmPort, oauthPort, arrived, requests };
  return order.kind === "collect" ? { ...state, arrivedAt, times } : state;
}

serveOrders(answer);
