import { crc32, deflateSync } from "node:zlib";
import { encodeQR as encodeQr } from "qr";
import { markup, type Html } from "./markup.ts";

/** Quiet zone that a reader requires (ISO/IEC 18004 §9.1), in modules. */
const BORDER = 4;

/** Rows of modules; true is dark. */
type Modules = readonly (readonly boolean[])[];

function buildModules(text: string): Modules {
  return encodeQr(text, "raw", { ecc: "low", border: BORDER });
}

/** Returns one `<svg>` element for use in a page. */
export function buildQrSvg(text: string, label: string): Html {
  const modules = buildModules(text);
  const bars = modules.flatMap((row, y) => listRuns(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`));
  const size = String(modules.length);
  return markup`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${bars.join("")}"/></svg>`;
}

/** Returns start and length of each run of dark modules. */
function listRuns(row: readonly boolean[]): [start: number, length: number][] {
  const text = row.map((dark) => (dark ? "1" : "0")).join("");
  return [...text.matchAll(/1+/g)].map((run) => [run.index, run[0].length]);
}

/** Black on white in any terminal theme. */
const ON_WHITE = "\u001b[38;5;16;48;5;231m";
const RESET = "\u001b[0m";

/** Returns lines for a terminal, each with two rows of modules. */
export function buildQrText(text: string): string[] {
  const modules = buildModules(text);
  return Array.from({ length: Math.ceil(modules.length / 2) }, (_, index) => {
    const upper = modules[index * 2] ?? [];
    const lower = modules[index * 2 + 1] ?? [];
    return ON_WHITE + upper.map((dark, x) => halfBlock(dark, lower[x] ?? false)).join("") + RESET;
  });
}

function halfBlock(upper: boolean, lower: boolean): string {
  if (upper) return lower ? "█" : "▀";
  return lower ? "▄" : " ";
}

const PNG_SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

/** Returns a PNG with one bit per pixel (https://www.w3.org/TR/png-3/). */
export function buildQrPng(text: string, pixelsPerModule = 8): Buffer {
  const modules = buildModules(text);
  const size = modules.length * pixelsPerModule;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // Bit depth 1, greyscale; deflate, adaptive filters, not interlaced.
  header.writeUInt8(1, 8);
  const rows = modules.flatMap((row) => {
    const line = buildScanLine(row, pixelsPerModule);
    return Array.from({ length: pixelsPerModule }, () => line);
  });
  const data = deflateSync(Buffer.concat(rows));
  return Buffer.concat([
    PNG_SIGNATURE,
    buildChunk("IHDR", header),
    buildChunk("IDAT", data),
    buildChunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Filter type 0, then one bit per pixel; 1 is white. */
function buildScanLine(row: readonly boolean[], pixelsPerModule: number): Buffer {
  const width = row.length * pixelsPerModule;
  const line = Buffer.alloc(1 + Math.ceil(width / 8));
  for (let pixel = 0; pixel < width; pixel += 1) {
    const isDark = row[Math.floor(pixel / pixelsPerModule)] ?? false;
    const at = 1 + Math.floor(pixel / 8);
    if (!isDark) line.writeUInt8(line.readUInt8(at) | (0x80 >> (pixel % 8)), at);
  }
  return line;
}

function buildChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, "latin1");
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}
