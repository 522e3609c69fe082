import { beforeEach, expect, it } from "vitest";
import { anAttempt } from "../../test/fixtures/attempts.ts";
import { aCall, anIphone } from "../../test/fixtures/builders.ts";
import { createHeldAnswer, createScriptedProvider, DELIVERED, type Step } from "../../test/fixtures/gateway-doubles.ts";
import { createVirtualTime, type VirtualTime } from "../../test/fixtures/clocks.ts";
import { RunningApps, type WantedApp } from "./running-apps.ts";

let time: VirtualTime;
let apps: RunningApps;
let closed: string[];
let left: string[];

beforeEach(() => {
  time = createVirtualTime();
  apps = new RunningApps(time.sleep);
  closed = [];
  left = [];
});

const never = new AbortController().signal;
const send = (key = "apns") => apps.find(key)?.send(anAttempt(aCall(), anIphone()), never);

/** Identified in `closed` and `left` by its settings. */
function anApp(settings: string, step: Step = DELIVERED, key = "apns"): WantedApp {
  const open = () => {
    const provider = { ...createScriptedProvider(step), [Symbol.asyncDispose]: async () => void closed.push(settings) };
    return { provider, leave: () => void left.push(settings) };
  };
  return { key, settings: { settings }, open };
}

it("keeps an app whose settings are equal", async () => {
  await apps.replace([anApp("one")]);
  const before = apps.find("apns");

  await apps.replace([anApp("one")]);

  expect(apps.find("apns")).toBe(before);
  expect([left, closed]).toEqual([[], []]);
});

it("closes an app at once that has nothing under way, and another takes its place", async () => {
  await apps.replace([anApp("one")]);
  const before = apps.find("apns");
  await send();

  await apps.replace([anApp("two")]);

  expect(apps.find("apns")).not.toBe(before);
  expect([left, closed]).toEqual([["one"], ["one"]]);
});

it("closes an app only when its attempts have ended, although nobody finds it any more", async () => {
  const held = createHeldAnswer();
  await apps.replace([anApp("one", held.step)]);
  const sending = send();

  const replacing = apps.replace([]);
  await time.advance(29_000);
  expect(apps.find("apns")).toBeUndefined();
  expect([left, closed]).toEqual([["one"], []]);

  held.answer(DELIVERED);
  await expect(sending).resolves.toEqual(DELIVERED);
  await replacing;
  expect(closed).toEqual(["one"]);
  expect(time.sleepers).toBe(0);
});

it("does not wait for ever", async () => {
  await apps.replace([anApp("one", createHeldAnswer().step)]);
  void send();

  const replacing = apps.replace([]);
  await time.advance(30_000);
  await replacing;

  expect(closed).toEqual(["one"]);
});

it("closes all at once where the gateway stops", async () => {
  await apps.replace([anApp("one", createHeldAnswer().step), anApp("other", createHeldAnswer().step, "fcm")]);
  void send();
  void send("fcm");
  const replacing = apps.replace([anApp("one")]);

  await apps[Symbol.asyncDispose]();
  await replacing;

  expect(closed.toSorted()).toEqual(["one", "other"]);
});
