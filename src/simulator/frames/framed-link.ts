import { Duplex } from "node:stream";
import { FLAGS, FRAMES, type Frame } from "./frame.ts";
import { createFrameReader } from "./read-frames.ts";

export interface FrameWatch {
  /** Called before Node's server sees the frame. */
  onClientFrame(frame: Frame): void;
  /** Returns true to let a frame of Node's server through. */
  passes(frame: Frame): boolean;
}

/** A link between a client's socket and Node's HTTP/2 server, which uses `inner` as its socket. */
export interface FramedLink {
  readonly inner: Duplex;
  /** Sends a frame of the simulator's own between those of the server. */
  send(frame: Buffer): void;
  /** Stops reading and writing but stays open, like a dead peer. */
  freeze(): void;
  /** Resumes, and passes on everything held back. */
  thaw(): void;
}

/**
 * Lets Node's server read requests, compress headers and count streams, but suppresses frames that it sends unasked,
 * and sends frames that it never would.
 */
export function createFramedLink(socket: Duplex, watch: FrameWatch): FramedLink {
  let frozen = false;
  const up = createUpward(() => frozen, watch);
  const down = createDownward(() => frozen, socket, watch);
  const inner = new Duplex({
    read() {
      if (!frozen) socket.resume();
    },
    write: (chunk: Buffer, _encoding, done) => down.pass([chunk], done),
    writev: (chunks, done) =>
      down.pass(
        chunks.map(({ chunk }) => chunk as Buffer),
        done,
      ),
    final(done) {
      if (!frozen) socket.end();
      done();
    },
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });

  function deliver(bytes: Buffer): void {
    if (bytes.length > 0 && !inner.destroyed && !inner.push(bytes)) socket.pause();
  }

  socket.on("data", (chunk: Buffer) => deliver(up.read(chunk)));
  socket.on("end", () => inner.push(null));
  socket.on("close", () => inner.destroy());

  return {
    inner,
    send: (frame) => down.send(frame),
    freeze() {
      frozen = true;
      socket.pause();
    },
    thaw() {
      frozen = false;
      down.flush();
      deliver(up.readHeld());
      if (!frozen) socket.resume();
    },
  };
}

/** From client to server. A frame is inspected when it passes, so a frame that is held back has not happened yet. */
function createUpward(isFrozen: () => boolean, watch: FrameWatch) {
  let passed: Buffer[] = [];
  let held: (() => void)[] = [];
  const readFrames = createFrameReader({
    hasPreface: true,
    onPreface: (bytes) => void passed.push(bytes),
    onFrame: receive,
  });

  function receive(frame: Frame, bytes: Buffer): void {
    if (isFrozen()) return void held.push(() => receive(frame, bytes));
    watch.onClientFrame(frame);
    passed.push(bytes);
  }

  function takePassed(): Buffer {
    const bytes = Buffer.concat(passed);
    passed = [];
    return bytes;
  }

  return {
    read(chunk: Buffer): Buffer {
      readFrames(chunk);
      return takePassed();
    },
    readHeld(): Buffer {
      const kept = held;
      held = [];
      for (const again of kept) again();
      return takePassed();
    },
  };
}

/** From server to client. */
function createDownward(isFrozen: () => boolean, socket: Duplex, watch: FrameWatch) {
  let ready: Buffer[] = [];
  /** No other frame may be sent between HEADERS and the end of its CONTINUATIONs. */
  let insideHeaders = false;
  const waiting: Buffer[] = [];
  const readFrames = createFrameReader({
    hasPreface: false,
    onFrame(frame, bytes) {
      if (watch.passes(frame)) ready.push(bytes);
      if (frame.type !== FRAMES.headers && frame.type !== FRAMES.continuation) return;
      insideHeaders = (frame.flags & FLAGS.endHeaders) === 0;
      if (!insideHeaders) ready.push(...waiting.splice(0));
    },
  });

  function flush(): void {
    if (isFrozen() || ready.length === 0) return;
    const bytes = Buffer.concat(ready);
    ready = [];
    if (!socket.destroyed && !socket.writableEnded) socket.write(bytes);
  }

  return {
    flush,
    /** Copies the bytes, because Node reuses its memory once the write is reported as done. */
    pass(chunks: readonly Buffer[], done: () => void): void {
      readFrames(Buffer.concat(chunks));
      flush();
      if (!isFrozen() && socket.writableNeedDrain) socket.once("drain", done);
      else done();
    },
    send(frame: Buffer): void {
      (insideHeaders ? waiting : ready).push(frame);
      flush();
    },
  };
}
