/**
 * Program: sends HTTP requests as orders say, over raw sockets, because a client library would use more CPU than the
 * gateway leaves. Each connection has one request at a time.
 */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import { nowMs } from "../monotonic.ts";
import { serveOrders } from "../stage/helper-process.ts";
import type { LoadOrder, LoadResult } from "./load-order.ts";
import { compileTemplate } from "./template.ts";

const HOST = "127.0.0.1";
/** Pause before a connection that was refused is tried again. */
const REFUSED_PAUSE_MS = 5;
/** Pause of a connection after a refusal without a rate, as `Retry-After` asks: otherwise refusals are all that is measured. */
const OVERLOADED_PAUSE_MS = 200;
const OVERLOADED = 503;
const NONE = -1;

class Load {
  readonly #order: LoadOrder;
  readonly #write: (number: number) => string;
  readonly #context: SecureContext | undefined;
  readonly #result: LoadResult;
  readonly #idle: Socket[] = [];
  /** Sockets with the index of the request that they carry. */
  readonly #busy = new Map<Socket, number>();
  readonly #queue: number[] = [];
  #next = 0;
  #ended = 0;
  #open = 0;
  #isOver = false;
  #finish: () => void = () => undefined;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#write = compileTemplate(order.template, order.callees);
    const { ca } = order.target;
    this.#context = ca === undefined ? undefined : createSecureContext({ ca });
    this.#result = {
      dueAt: new Float64Array(order.count).fill(Number.NaN),
      answeredAt: new Float64Array(order.count).fill(Number.NaN),
      statuses: new Uint16Array(order.count),
    };
  }

  async run(): Promise<LoadResult> {
    const { perSecond, count, patienceMs } = this.#order;
    const done = new Promise<void>((resolve) => (this.#finish = resolve));
    if (perSecond === undefined) for (let n = 0; n < this.#order.connections; n += 1) this.#connect();
    else this.#sendAtRate(perSecond);
    const sendingMs = perSecond === undefined ? 0 : (count / perSecond) * 1000;
    const timer = setTimeout(this.#finish, sendingMs + patienceMs);
    await done;
    clearTimeout(timer);
    this.#isOver = true;
    for (const socket of [...this.#busy.keys(), ...this.#idle]) socket.destroy();
    return this.#result;
  }

  #sendAtRate(perSecond: number): void {
    const startedAt = nowMs();
    const tick = () => {
      if (this.#isOver) return;
      const now = nowMs();
      for (; this.#next < this.#order.count; this.#next += 1) {
        const dueAt = startedAt + (this.#next * 1000) / perSecond;
        if (dueAt > now) break;
        this.#result.dueAt[this.#next] = dueAt;
        this.#queue.push(this.#next);
        const socket = this.#idle.pop();
        if (socket !== undefined) this.#sendNext(socket);
        else if (this.#open < this.#order.connections) this.#connect();
      }
      if (this.#next < this.#order.count) setTimeout(tick, 1);
    };
    tick();
  }

  #connect(): void {
    this.#open += 1;
    const { port } = this.#order.target;
    const context = this.#context;
    const socket =
      context === undefined
        ? connectPlain({ host: HOST, port, noDelay: true })
        : connectTls({ host: HOST, port, secureContext: context, servername: "localhost" });
    let received = "";
    socket.setEncoding("latin1");
    socket.on(context === undefined ? "connect" : "secureConnect", () => this.#sendNext(socket));
    socket.on("data", (chunk: string) => {
      received += chunk;
      const headEnd = received.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(received)?.[1] ?? "0";
      if (received.length < headEnd + 4 + Number(length)) return;
      const status = Number(received.slice(9, 12));
      const isLast = /\r\nconnection: *close/i.test(received.slice(0, headEnd + 2));
      received = "";
      this.#answer(socket, status);
      if (isLast) socket.destroy();
      else if (status === OVERLOADED && this.#order.perSecond === undefined)
        setTimeout(() => this.#sendNext(socket), OVERLOADED_PAUSE_MS);
      else this.#sendNext(socket);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => this.#lose(socket));
  }

  /** A request that was on its way counts as failed: it may have been accepted. */
  #lose(socket: Socket): void {
    this.#open -= 1;
    const place = this.#idle.indexOf(socket);
    if (place >= 0) this.#idle.splice(place, 1);
    if (this.#busy.has(socket)) this.#answer(socket, 0);
    else if (this.#queue.length > 0 && this.#open === 0) this.#failQueued();
    if (!this.#isOver && this.#hasWork()) setTimeout(() => !this.#isOver && this.#connect(), REFUSED_PAUSE_MS);
  }

  /** No connection can be made, so what is due has been refused. */
  #failQueued(): void {
    this.#ended += this.#queue.splice(0).length;
    if (this.#ended === this.#order.count) this.#finish();
  }

  #hasWork(): boolean {
    return this.#queue.length > 0 || (this.#order.perSecond === undefined && this.#next < this.#order.count);
  }

  #take(): number {
    const queued = this.#queue.shift();
    if (queued !== undefined) return queued;
    if (this.#order.perSecond !== undefined || this.#next >= this.#order.count) return NONE;
    this.#result.dueAt[this.#next] = nowMs();
    this.#next += 1;
    return this.#next - 1;
  }

  #sendNext(socket: Socket): void {
    const index = this.#take();
    if (index === NONE) {
      this.#idle.push(socket);
      return;
    }
    this.#busy.set(socket, index);
    socket.write(this.#write(this.#order.first + index));
  }

  #answer(socket: Socket, status: number): void {
    const index = this.#busy.get(socket);
    if (index === undefined) return;
    this.#busy.delete(socket);
    this.#result.statuses[index] = status;
    if (status !== 0) this.#result.answeredAt[index] = nowMs();
    this.#ended += 1;
    if (this.#ended === this.#order.count) this.#finish();
  }
}

serveOrders((order: LoadOrder) => new Load(order).run());
