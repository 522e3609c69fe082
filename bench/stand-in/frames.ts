const HEAD_BYTES = 9;
const PREFACE_BYTES = 24;
const LARGE_WINDOW = 0x3fff_0000;
const WINDOW_STEP = 1 << 20;

const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const WINDOW_UPDATE = 8;
const END_STREAM = 1;
const ACK = 1;

/** Returns one HTTP/2 frame (RFC 9113 §4.1). */
export function buildFrame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream, 5);
  payload.copy(frame, HEAD_BYTES);
  return frame;
}

function buildUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** SETTINGS with 1000 concurrent streams and a large stream window, then a large window for the connection. */
export function buildGreeting(): Buffer {
  const settings = Buffer.alloc(12);
  settings.writeUInt16BE(3, 0);
  settings.writeUInt32BE(1000, 2);
  settings.writeUInt16BE(4, 6);
  settings.writeUInt32BE(LARGE_WINDOW, 8);
  return Buffer.concat([
    buildFrame(SETTINGS, 0, 0, settings),
    buildFrame(WINDOW_UPDATE, 0, 0, buildUint32(LARGE_WINDOW)),
  ]);
}

/**
 * Reads what a client sends. Header blocks are skipped unread: nothing here depends on them, and decoding would cost
 * more than everything else.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #toSkip = PREFACE_BYTES;
  #uncredited = 0;
  readonly #bodies = new Map<number, Buffer[]>();

  /** Calls `onRequest` for each complete request. Returns the frames that the protocol owes: acknowledgements, window. */
  read(chunk: Buffer, onRequest: (stream: number, body: Buffer) => void): Buffer[] {
    const owed: Buffer[] = [];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#toSkip > 0) {
      const skipped = Math.min(this.#toSkip, bytes.length);
      this.#toSkip -= skipped;
      bytes = bytes.subarray(skipped);
    }
    for (;;) {
      if (bytes.length < HEAD_BYTES) break;
      const end = HEAD_BYTES + bytes.readUIntBE(0, 3);
      if (bytes.length < end) break;
      this.#readFrame(bytes.subarray(0, end), owed, onRequest);
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return owed;
  }

  #readFrame(frame: Buffer, owed: Buffer[], onRequest: (stream: number, body: Buffer) => void): void {
    const [type, flags] = [frame[3] ?? 0, frame[4] ?? 0];
    const stream = frame.readUInt32BE(5) & 0x7fff_ffff;
    const payload = frame.subarray(HEAD_BYTES);
    if (type === SETTINGS && (flags & ACK) === 0) owed.push(buildFrame(SETTINGS, ACK, 0, Buffer.alloc(0)));
    if (type === PING && (flags & ACK) === 0) owed.push(buildFrame(PING, ACK, 0, payload));
    if (type === HEADERS) this.#bodies.set(stream, []);
    if (type === DATA) {
      this.#bodies.get(stream)?.push(payload);
      this.#uncredited += payload.length;
      if (this.#uncredited >= WINDOW_STEP) {
        owed.push(buildFrame(WINDOW_UPDATE, 0, 0, buildUint32(this.#uncredited)));
        this.#uncredited = 0;
      }
    }
    if ((type !== HEADERS && type !== DATA) || (flags & END_STREAM) === 0) return;
    const parts = this.#bodies.get(stream) ?? [];
    this.#bodies.delete(stream);
    onRequest(stream, parts.length === 1 ? (parts[0] ?? payload) : Buffer.concat(parts));
  }
}
