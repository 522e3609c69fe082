import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import {
  encodeGoAway,
  encodeRstStream,
  FLAGS,
  FRAMES,
  MAX_STREAM_ID,
  readUint32,
  type Frame,
} from "../frames/frame.ts";
import { createFramedLink, type FramedLink } from "../frames/framed-link.ts";
import type { LastStream } from "./connection-script.ts";

/** Counters of a connection. */
export interface ConnectionCounts {
  /** Requests that arrived completely. */
  readonly requests: number;
  /** Streams refused with REFUSED_STREAM, by a script or because the client opened too many. */
  readonly refused: number;
  /** Answers with a 4xx other than 410. */
  readonly errors: number;
  readonly pings: number;
  /** PINGs since the last request. */
  readonly pingsInARow: number;
  readonly openStreams: number;
  /** Highest number of streams open at once. */
  readonly peakStreams: number;
}

export interface GoAwayFrame {
  readonly code: number;
  readonly last: LastStream | number;
  readonly debugData: string;
}

export interface ServedConnectionParts {
  readonly socket: TLSSocket;
  /** The TCP socket below TLS. */
  readonly tcp: Socket;
  /** Called when a counter has changed. */
  readonly onCount: () => void;
}

const REFUSED_STREAM = 7;
const PROTOCOL_ERROR = 1;

/** The server's side of one HTTP/2 connection, controlled down to the frame. */
export class ServedConnection {
  readonly #parts: ServedConnectionParts;
  readonly #link: FramedLink;
  readonly #streams = new Map<number, ServerHttp2Stream>();
  /** Streams whose headers have arrived from the client and whose end has not been sent. */
  readonly #open = new Set<number>();
  /** Streams that the simulator ended with its own frame. Node's frames for them are suppressed. */
  readonly #muted = new Set<number>();
  readonly #onAnswered = new Map<number, (() => void)[]>();
  readonly #goAways: { readonly code: number; readonly lastStreamId: number }[] = [];
  #session: ServerHttp2Session | undefined;
  #counts = { requests: 0, refused: 0, errors: 0, pings: 0, pingsInARow: 0, peakStreams: 0 };
  #highestReceived = 0;
  #highestServed = 0;
  /** Highest stream id that a GOAWAY did not give up. */
  #fence = Infinity;

  constructor(parts: ServedConnectionParts) {
    this.#parts = parts;
    this.#link = createFramedLink(parts.socket, {
      onClientFrame: (frame) => this.#receive(frame),
      passes: (frame) => this.#passes(frame),
    });
  }

  /** The stream for Node's server to use as its socket. */
  get inner(): Duplex {
    return this.#link.inner;
  }

  get counts(): ConnectionCounts {
    return { ...this.#counts, openStreams: this.#open.size };
  }

  get goAways(): readonly { readonly code: number; readonly lastStreamId: number }[] {
    return this.#goAways;
  }

  get closed(): boolean {
    return this.#parts.socket.destroyed;
  }

  attach(session: ServerHttp2Session): void {
    this.#session = session;
  }

  addStream(id: number, stream: ServerHttp2Stream): void {
    this.#streams.set(id, stream);
    stream.once("close", () => this.#streams.delete(id));
  }

  /** Returns true if the client knows that the request is not processed, or that it has ended. */
  isOver(streamId: number): boolean {
    return streamId > this.#fence || this.#muted.has(streamId);
  }

  /** Records that the request is complete and is being processed. */
  noteServed(streamId: number): void {
    this.#highestServed = Math.max(this.#highestServed, streamId);
  }

  noteError(): void {
    this.#counts.errors += 1;
    this.#parts.onCount();
  }

  get highestServed(): number {
    return this.#highestServed;
  }

  /** Calls back when the last frame of the stream's answer has been sent. */
  whenAnswered(streamId: number, then: () => void): void {
    if (!this.#open.has(streamId)) return then();
    this.#onAnswered.set(streamId, [...(this.#onAnswered.get(streamId) ?? []), then]);
  }

  goAway({ code, last, debugData }: GoAwayFrame): void {
    const lastStreamId = this.#lastStreamOf(last);
    this.#goAways.push({ code, lastStreamId });
    this.#fence = Math.min(this.#fence, lastStreamId);
    this.#link.send(encodeGoAway(lastStreamId, code, debugData));
    for (const id of this.#open) if (this.isOver(id)) this.#closeStream(id);
    if (code !== 0) this.end();
    else this.#endIfDone();
  }

  announceStreams(count: number): void {
    if (this.#session?.destroyed === false) this.#session.settings({ maxConcurrentStreams: count });
  }

  /** Ends the stream with the simulator's own frames instead of an answer. */
  endStreamWith(streamId: number, frames: Buffer): void {
    this.#link.send(frames);
    this.#closeStream(streamId);
  }

  resetStream(streamId: number, code: number): void {
    if (code === REFUSED_STREAM) this.#counts.refused += 1;
    this.endStreamWith(streamId, encodeRstStream(streamId, code));
  }

  resetStreams(code: number): void {
    for (const id of this.#open) this.resetStream(id, code);
  }

  silence(): void {
    this.#link.freeze();
  }

  resume(): void {
    this.#link.thaw();
  }

  /** Sends text of another protocol, which an HTTP/2 client reads as a frame of about five megabytes. */
  babble(): void {
    this.#link.send(Buffer.from("OOPS, this is no HTTP/2 at all\r\n\r\n"));
  }

  end(): void {
    this.#parts.socket.end();
  }

  drop(): void {
    this.#parts.socket.destroy();
  }

  reset(): void {
    this.#parts.tcp.resetAndDestroy();
  }

  #lastStreamOf(last: LastStream | number): number {
    switch (last) {
      case "all":
        return MAX_STREAM_ID;
      case "received":
        return this.#highestReceived;
      case "served":
        return this.#highestServed;
      default:
        return last;
    }
  }

  #receive({ type, flags, streamId }: Frame): void {
    if (type === FRAMES.headers && streamId > this.#highestReceived) this.#opened(streamId);
    if (type === FRAMES.rstStream) this.#ended(streamId);
    if (type === FRAMES.ping && (flags & FLAGS.ack) === 0) {
      this.#counts.pings += 1;
      this.#counts.pingsInARow += 1;
      this.#parts.onCount();
    }
    if ((type === FRAMES.data || type === FRAMES.headers) && (flags & FLAGS.endStream) !== 0) {
      this.#counts.requests += 1;
      this.#parts.onCount();
    }
  }

  #opened(streamId: number): void {
    this.#highestReceived = streamId;
    this.#counts.pingsInARow = 0;
    if (this.isOver(streamId)) return;
    this.#open.add(streamId);
    this.#counts.peakStreams = Math.max(this.#counts.peakStreams, this.#open.size);
  }

  #passes({ type, flags, streamId, payload }: Frame): boolean {
    // Node sends a GOAWAY whenever a session ends. Only those that report an error pass.
    if (type === FRAMES.goAway) return readUint32(payload, 4) >= PROTOCOL_ERROR;
    // Headers always pass, because both ends keep a header table that must stay in step. The client ignores headers of
    // an ended stream.
    if (streamId === 0 || type === FRAMES.continuation) return true;
    if (this.isOver(streamId)) return type === FRAMES.headers;
    if (type === FRAMES.rstStream && readUint32(payload) === REFUSED_STREAM) this.#counts.refused += 1;
    const isEnd = type === FRAMES.data || type === FRAMES.headers ? (flags & FLAGS.endStream) !== 0 : false;
    // The frame itself is sent first.
    if (isEnd || type === FRAMES.rstStream) queueMicrotask(() => this.#ended(streamId));
    return true;
  }

  #closeStream(streamId: number): void {
    this.#muted.add(streamId);
    this.#streams.get(streamId)?.close();
    this.#ended(streamId);
  }

  #ended(streamId: number): void {
    this.#open.delete(streamId);
    const callbacks = this.#onAnswered.get(streamId) ?? [];
    this.#onAnswered.delete(streamId);
    for (const then of callbacks) then();
    this.#endIfDone();
  }

  /** Closes a connection after its GOAWAY, when its remaining streams have ended, as the services do. */
  #endIfDone(): void {
    const isFinal = this.#fence < MAX_STREAM_ID;
    if (isFinal && this.#open.size === 0) this.end();
  }
}
