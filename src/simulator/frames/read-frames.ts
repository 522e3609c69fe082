import { FRAME_HEADER_BYTES, type Frame } from "./frame.ts";

export interface FrameReaderOptions {
  /** True if the bytes begin with a client's preface. */
  readonly hasPreface: boolean;
  /** `bytes` is the whole frame. */
  readonly onFrame: (frame: Frame, bytes: Buffer) => void;
  readonly onPreface?: (bytes: Buffer) => void;
}

const PREFACE_BYTES = 24;

/** Returns a function that splits a byte stream, in chunks of any size, into frames. */
export function createFrameReader({ hasPreface, onFrame, onPreface }: FrameReaderOptions): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let prefaceRead = !hasPreface;

  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    if (!prefaceRead) {
      if (pending.length < PREFACE_BYTES) return;
      prefaceRead = true;
      onPreface?.(pending.subarray(0, PREFACE_BYTES));
      pending = pending.subarray(PREFACE_BYTES);
    }
    while (pending.length >= FRAME_HEADER_BYTES) {
      const length = FRAME_HEADER_BYTES + pending.readUIntBE(0, 3);
      if (pending.length < length) return;
      const bytes = pending.subarray(0, length);
      pending = pending.subarray(length);
      onFrame(parseFrame(bytes), bytes);
    }
  };
}

function parseFrame(bytes: Buffer): Frame {
  const [type = 0, flags = 0] = bytes.subarray(3, 5);
  return {
    type,
    flags,
    streamId: bytes.readUInt32BE(5) & 0x7fffffff,
    payload: bytes.subarray(FRAME_HEADER_BYTES),
  };
}
