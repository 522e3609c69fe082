/**
 * Sends requests at a fixed rate, regardless of the answers, in a separate process: `node test/load/open-loop.ts
 * '{…}'`. Prints one line of JSON per load. No request waits for another: if all connections are busy it opens one
 * more.
 */
import { connect, type Socket } from "node:net";

export interface Load {
  readonly name: string;
  readonly port: number;
  readonly key: string;
  readonly domain: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Initial period that is not measured. */
  readonly warmUpSeconds: number;
  /**
   * Number of concurrent requests instead of a rate: each answer is followed by the next request. For measuring
   * capacity.
   */
  readonly concurrency?: number;
  /** Number of connections beyond which a request counts as failed. */
  readonly maxConnections: number;
}

export interface LoadResult {
  readonly name: string;
  readonly sent: number;
  /** Per second. */
  readonly accepted: number;
  readonly refused: number;
  readonly failed: number;
  /** Reason → number of failures. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Milliseconds from the time at which the request was due. */
  readonly acceptedMs: Percentiles;
  readonly refusedMs: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Waiting {
  readonly dueAt: number;
}

class Client {
  readonly #load: Load;
  readonly #idle: Socket[] = [];
  readonly #waiting = new Map<Socket, Waiting>();
  readonly #accepted: number[] = [];
  readonly #refused: number[] = [];
  #open = 0;
  #failed = 0;
  readonly #reasons: Record<string, number> = {};
  #sent = 0;
  #number = 0;

  constructor(load: Load) {
    this.#load = load;
  }

  async run(): Promise<LoadResult> {
    const { perSecond, seconds, warmUpSeconds, concurrency = 0 } = this.#load;
    const began = performance.now();
    const measuredFrom = began + warmUpSeconds * 1000;
    const ends = measuredFrom + seconds * 1000;
    let dueAt = concurrency > 0 ? Infinity : began;
    while (performance.now() < ends) {
      while (this.#waiting.size < concurrency) this.#send({ dueAt: performance.now() }, measuredFrom);
      for (; dueAt <= performance.now(); dueAt += 1000 / perSecond) {
        this.#send({ dueAt }, measuredFrom);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const patience = performance.now() + 5_000;
    while (this.#waiting.size > 0 && performance.now() < patience) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const _ of this.#waiting) this.#fail("no answer in time");
    for (const socket of [...this.#waiting.keys(), ...this.#idle]) socket.destroy();
    return {
      name: this.#load.name,
      sent: this.#sent / seconds,
      accepted: this.#accepted.length / seconds,
      refused: this.#refused.length / seconds,
      failed: this.#failed / seconds,
      reasons: this.#reasons,
      acceptedMs: readPercentiles(this.#accepted),
      refusedMs: readPercentiles(this.#refused),
    };
  }

  #fail(reason: string): void {
    this.#failed += 1;
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
  }

  #send(waiting: Waiting, measuredFrom: number): void {
    const isMeasured = waiting.dueAt >= measuredFrom;
    if (isMeasured) this.#sent += 1;
    const socket = this.#idle.pop() ?? this.#connect(measuredFrom);
    if (socket === undefined) {
      if (isMeasured) this.#fail("too many connections");
      return;
    }
    this.#waiting.set(socket, waiting);
    this.#number += 1;
    const callee = `user${this.#number % 500}@${this.#load.domain}`;
    const push = {
      kind: "message",
      callee,
      push_id: `${this.#load.name}-${process.pid}-${this.#number}`,
      alert: "Hello",
    };
    const body = JSON.stringify(push);
    socket.write(
      `POST /v1/pushes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer ${this.#load.key}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  #connect(measuredFrom: number): Socket | undefined {
    if (this.#open >= this.#load.maxConnections) return undefined;
    this.#open += 1;
    const socket = connect({ port: this.#load.port, host: "127.0.0.1", noDelay: true });
    let received = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      received += chunk;
      const headEnd = received.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (headEnd < 0 || received.length < headEnd + 4 + length) return;
      const status = Number(received.slice(9, 12));
      received = "";
      this.#answer(socket, status, measuredFrom);
    });
    let lost = "connection closed";
    socket.on("error", (error: NodeJS.ErrnoException) => (lost = error.code ?? error.message));
    socket.on("close", () => {
      this.#open -= 1;
      const waiting = this.#waiting.get(socket);
      if (this.#waiting.delete(socket) && waiting !== undefined && waiting.dueAt >= measuredFrom) this.#fail(lost);
      const index = this.#idle.indexOf(socket);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    return socket;
  }

  #answer(socket: Socket, status: number, measuredFrom: number): void {
    const waiting = this.#waiting.get(socket);
    this.#waiting.delete(socket);
    this.#idle.push(socket);
    if (waiting === undefined || waiting.dueAt < measuredFrom) return;
    const ms = performance.now() - waiting.dueAt;
    if (status === 200 || status === 202) this.#accepted.push(ms);
    else if (status === 503) this.#refused.push(ms);
    else this.#fail(`status ${status}`);
  }
}

function readPercentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

const loads = JSON.parse(process.argv[2] ?? "[]") as readonly Load[];
for (const result of await Promise.all(loads.map((load) => new Client(load).run())))
  console.log(JSON.stringify(result));
