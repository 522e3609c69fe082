import { Duplex } from "node:stream";
import { FLAGS, FRAMES, type Frame } from "./frame.ts";
import { createFrameReader } from "./read-frames.ts";

export interface FrameWatch {
  /** Called before Node's server sees it. */
  onClientFrame(frame: Frame): void;
  /** Whether a frame of Node's server goes out. */
  passes(frame: Frame): boolean;
}

/** What lies between a client's socket and Node's HTTP/2 server, which is given `inner` in the socket's place. */
export interface FramedLink {
  readonly inner: Duplex;
  /** Puts a frame of our own between those of the server. */
  send(frame: Buffer): void;
  /** Neither reads nor writes, and stays open: as a dead peer does. */
  freeze(): void;
  /** What was held back flows on. */
  thaw(): void;
}

/**
 * Node's server stays what it is (it reads requests, compresses headers, counts streams), but what it says of its own accord
 * can be kept from the client, and what it would never say be said.
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

/** From the client: each frame is looked at when it is let through, so that one that is held back has not yet happened. */
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

/** To the client. */
function createDownward(isFrozen: () => boolean, socket: Duplex, watch: FrameWatch) {
  let ready: Buffer[] = [];
  /** Between HEADERS and the end of their CONTINUATIONs nothing else may be sent. */
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
    /** Copies: Node goes on using its memory once it has been told that the write is done. */
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
