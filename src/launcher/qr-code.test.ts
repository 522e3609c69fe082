import { inflateSync } from "node:zlib";
import decodeQr from "qr/decode.js";
import { expect, it } from "vitest";
import { buildQrPng, buildQrSvg, buildQrText } from "./qr-code.ts";

const TEXT = "sipphone://CI8VN8toaE40w8E4OH2rAuFj3Qev9QdLI/Wv/VaBCVK2yNkBZjxE9eafXkkrQfmYdeu01PquS5P40zhUq8Mfjg==";

/** Decodes rows of modules with an independent program. */
function read(rows: readonly (readonly boolean[])[]): string {
  const scale = 4;
  const size = rows.length * scale;
  const data = new Uint8Array(size * size * 3).fill(255);
  rows.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (!dark) return;
      for (let dy = 0; dy < scale; dy += 1)
        data.fill(0, ((y * scale + dy) * size + x * scale) * 3, ((y * scale + dy) * size + (x + 1) * scale) * 3);
    }),
  );
  return decodeQr({ width: size, height: size, data });
}

it("draws a code for terminals that reads back", () => {
  const lines = buildQrText(TEXT).map((line) => line.replaceAll(/\u001b\[[0-9;]*m/g, "").split(""));
  const rows = lines.flatMap((line) => [
    line.map((block) => block === "█" || block === "▀"),
    line.map((block) => block === "█" || block === "▄"),
  ]);

  expect(read(rows.slice(0, rows[0]?.length))).toBe(TEXT);
});

it("writes black on white, whatever the terminal's colours are", () => {
  expect(
    buildQrText("a").every((line) => line.startsWith("\u001b[38;5;16;48;5;231m") && line.endsWith("\u001b[0m")),
  ).toBe(true);
});

it("draws an SVG that reads back", () => {
  const svg = String(buildQrSvg(TEXT, "QR code"));
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    rows[Number(y)]?.fill(true, Number(x), Number(x) + Number(length));

  expect(read(rows)).toBe(TEXT);
});

it("draws a PNG that reads back", () => {
  const png = buildQrPng(TEXT, 1);
  const size = png.readUInt32BE(16);
  const data = inflateSync(png.subarray(png.indexOf("IDAT") + 4));
  const stride = 1 + Math.ceil(size / 8);
  const rows = Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => (data.readUInt8(y * stride + 1 + (x >> 3)) & (0x80 >> (x & 7))) === 0),
  );

  expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  expect(read(rows)).toBe(TEXT);
});
