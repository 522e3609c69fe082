import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeFrame, encodeGoAway, FRAMES, MAX_STREAM_ID, readUint32, type Frame } from "./frame.ts";
import { createFrameReader } from "./read-frames.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const anyFrame = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  flags: fc.integer({ min: 0, max: 255 }),
  streamId: fc.integer({ min: 0, max: MAX_STREAM_ID }),
  payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
});

it("reads what was written, however the bytes are cut into pieces", () => {
  const property = fc.property(fc.array(anyFrame), fc.integer({ min: 1, max: 30 }), (frames, pieceBytes) => {
    const read: Frame[] = [];
    const readChunk = createFrameReader({ hasPreface: true, onFrame: (frame) => read.push(frame) });
    const bytes = Buffer.concat([PREFACE, ...frames.map((frame) => encodeFrame(frame))]);

    for (let at = 0; at < bytes.length; at += pieceBytes) readChunk(bytes.subarray(at, at + pieceBytes));

    expect(read).toEqual(frames);
  });
  fc.assert(property);
});

it("hands on the bytes of preface and frames, none left out", () => {
  const passed: Buffer[] = [];
  const readChunk = createFrameReader({
    hasPreface: true,
    onPreface: (bytes) => passed.push(bytes),
    onFrame: (_frame, bytes) => passed.push(bytes),
  });
  const bytes = Buffer.concat([PREFACE, encodeGoAway(7, 11, "too_many_pings"), encodeFrame({ type: FRAMES.ping })]);

  readChunk(bytes);

  expect(Buffer.concat(passed)).toEqual(bytes);
});

it("writes a GOAWAY as RFC 9113 §6.8 has it", () => {
  const frames: Frame[] = [];
  createFrameReader({ hasPreface: false, onFrame: (frame) => frames.push(frame) })(encodeGoAway(7, 11, "calm"));

  const payload = frames[0]?.payload ?? Buffer.alloc(0);
  expect([readUint32(payload), readUint32(payload, 4), payload.subarray(8).toString()]).toEqual([7, 11, "calm"]);
});
