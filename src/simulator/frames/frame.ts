/** Types of HTTP/2 frames (RFC 9113 §6) that the simulator reads or writes itself. */
export const FRAMES = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAGS = { none: 0, endStream: 1, ack: 1, endHeaders: 4 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0 for a frame of the connection itself. */
  readonly streamId: number;
  readonly payload: Buffer;
}

export const FRAME_HEADER_BYTES = 9;
/** Highest stream id, and so the last stream id of a GOAWAY that gives up no stream. */
export const MAX_STREAM_ID = 2 ** 31 - 1;
const MAX_CONCURRENT_STREAMS = 3;
const NOTHING = Buffer.alloc(0);

export function encodeFrame({ type, flags = FLAGS.none, streamId = 0, payload = NOTHING }: FrameParts): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame.writeUInt8(type, 3);
  frame.writeUInt8(flags, 4);
  frame.writeUInt32BE(streamId, 5);
  payload.copy(frame, FRAME_HEADER_BYTES);
  return frame;
}

type FrameParts = Pick<Frame, "type"> & Partial<Frame>;

export function encodeGoAway(lastStreamId: number, code: number, debugData = ""): Buffer {
  const payload = Buffer.concat([uint32(lastStreamId), uint32(code), Buffer.from(debugData)]);
  return encodeFrame({ type: FRAMES.goAway, payload });
}

export function encodeRstStream(streamId: number, code: number): Buffer {
  return encodeFrame({ type: FRAMES.rstStream, streamId, payload: uint32(code) });
}

/** Returns a SETTINGS frame with only SETTINGS_MAX_CONCURRENT_STREAMS. */
export function encodeStreamsSetting(count: number): Buffer {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(MAX_CONCURRENT_STREAMS, 0);
  payload.writeUInt32BE(count, 2);
  return encodeFrame({ type: FRAMES.settings, payload });
}

export function encodeWindowUpdate(streamId: number, bytes: number): Buffer {
  return encodeFrame({ type: FRAMES.windowUpdate, streamId, payload: uint32(bytes) });
}

/** Reads the number at the start of a RST_STREAM's or GOAWAY's payload. */
export function readUint32(payload: Buffer, offset = 0): number {
  return payload.readUInt32BE(offset);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
