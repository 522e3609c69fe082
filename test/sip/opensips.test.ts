import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Attempt } from "../../src/simulator/mailbox.ts";
import { ANDROID_TOKEN } from "../fixtures/builders.ts";
import { callApi } from "../fixtures/gateway-processes.ts";
import { findOpensips, startOpensips } from "./opensips.ts";
import { openSipStage, PHONES, type SipStage } from "./stage.ts";

const WAIT = { timeout: 15_000, interval: 50 };
const CALL_ID = "opensips-test@127.0.0.1";

const command = findOpensips();

/** Debian 12 has no OpenSIPS: these run only if one is found (see `opensips.ts`). */
describe.runIf(command !== undefined)("the recipe for OpenSIPS, in an OpenSIPS", () => {
  let stage: SipStage;

  beforeEach(async () => {
    stage = await openSipStage((options) => startOpensips(command ?? "", options));
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  async function traced() {
    const { body } = await callApi(stage.running, "GET", `/v1/calls/${encodeURIComponent(CALL_ID)}`);
    const [call] = (body["calls"] ?? []) as Record<string, unknown>[];
    return call;
  }
  const isEnd = ({ payload }: Attempt) => JSON.stringify(payload).includes("call_end");

  it("wakes a phone that sleeps, and puts the call through", async () => {
    const phone = await stage.putToSleep("iphone", { scenario: "phone-answers", wakesAfterMs: 300 });

    const caller = await stage.call("caller", CALL_ID);
    await Promise.all([caller.done, phone.done]);

    await vi.waitFor(async () => expect(await traced()).toMatchObject({ state: "answered", ended_by: "iphone" }), WAIT);
  });

  it("tells nothing to the phone that answers, although it registered before", async () => {
    const other = await stage.keepAwake("pixel", "phone-rings-in-vain");
    const phone = await stage.keepAwake("iphone", "phone-answers");

    const caller = await stage.call("caller", CALL_ID);
    await Promise.all([caller.done, other.done, phone.done]);

    const answered = { state: "answered", ended_by: PHONES.iphone.instance };
    await vi.waitFor(async () => expect(await traced()).toMatchObject(answered), WAIT);
    await vi.waitFor(() => expect(stage.pushes().filter(isEnd)).toHaveLength(1), WAIT);
    expect(stage.pushes().filter(isEnd)).toMatchObject([{ token: ANDROID_TOKEN }]);
  });

  it("ends with 480 if nobody comes, and says so", async () => {
    await stage.switchOff("iphone");

    const caller = await stage.call("caller-480", CALL_ID);
    await caller.done;

    await vi.waitFor(async () => expect(await traced()).toMatchObject({ state: "missed" }), WAIT);
  });

  it("is missed if the phone is busy", async () => {
    const phone = await stage.keepAwake("iphone", "phone-is-busy");

    const caller = await stage.call("caller-486", CALL_ID);
    await Promise.all([caller.done, phone.done]);

    await vi.waitFor(async () => expect(await traced()).toMatchObject({ state: "missed" }), WAIT);
  });
});
