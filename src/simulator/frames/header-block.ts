import { encodeFrame, FLAGS, FRAMES } from "./frame.ts";

export type HeaderField = readonly [name: string, value: string];

const MAX_FRAME_BYTES = 16_384;
/** HPACK, RFC 7541 §6.2.2: a literal without indexing, with a literal name. */
const LITERAL = 0;
const SEVEN_BITS = 127;

/**
 * Encodes a complete header block as HEADERS and, if it is long, CONTINUATION frames. It does not change the peer's
 * header table.
 */
export function encodeHeaders(streamId: number, fields: readonly HeaderField[], endStream: boolean): Buffer {
  const block = Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(LITERAL), text(name), text(value)]));
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += MAX_FRAME_BYTES) {
    const isFirst = at === 0;
    const isLast = at + MAX_FRAME_BYTES >= block.length;
    const flags = (isFirst && endStream ? FLAGS.endStream : FLAGS.none) | (isLast ? FLAGS.endHeaders : FLAGS.none);
    const payload = block.subarray(at, at + MAX_FRAME_BYTES);
    frames.push(encodeFrame({ type: isFirst ? FRAMES.headers : FRAMES.continuation, flags, streamId, payload }));
  }
  return Buffer.concat(frames);
}

/** RFC 7541 §5.2, without Huffman coding. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([length(bytes.length), bytes]);
}

/** RFC 7541 §5.1, with a prefix of seven bits. */
function length(value: number): Buffer {
  if (value < SEVEN_BITS) return Buffer.of(value);
  const bytes = [SEVEN_BITS];
  let rest = value - SEVEN_BITS;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
