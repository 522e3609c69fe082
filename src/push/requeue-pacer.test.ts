import { expect, it } from "vitest";
import { RequeuePacer } from "./requeue-pacer.ts";

const NOW = 1_800_000_000_000;
const CALL = { app: "global/apns", domain: "example.org", isCall: true };
const MESSAGE = { ...CALL, isCall: false };

it("lets a call ask again in half a second, and a message in one", () => {
  const line = new RequeuePacer();

  expect([line.next(CALL, NOW), line.next(MESSAGE, NOW)]).toEqual([NOW + 500, NOW + 1_000]);
});

it("lets thousands come back one after the other", () => {
  const line = new RequeuePacer();

  const instants = Array.from({ length: 5_000 }, () => line.next(MESSAGE, NOW));

  expect(new Set(instants).size).toBe(5_000);
  expect(instants.at(-1)).toBe(NOW + 1_000 + 4_999);
});

it("does not make one app wait for the line of another", () => {
  const line = new RequeuePacer();
  for (let i = 0; i < 5_000; i += 1) line.next(CALL, NOW);

  expect(line.next({ ...CALL, app: "example.org/fcm" }, NOW)).toBe(NOW + 500);
});

it("is busy until the last has come back", () => {
  const line = new RequeuePacer();
  expect(line.isBusy(NOW)).toBe(false);
  line.next(CALL, NOW);

  expect([0, 499, 500].map((ms) => line.isBusy(NOW + ms))).toEqual([true, true, false]);
});
