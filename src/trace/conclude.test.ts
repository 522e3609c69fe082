import { describe, expect, it } from "vitest";
import {
  anAndroidDelivery,
  at,
  aTracedCall,
  aTracedDelivery,
  aTracedPush,
  failed,
  heard,
  took,
} from "../../test/fixtures/traced.ts";
import { concludeCall } from "./conclude.ts";
import type { TracedCall, TracedDelivery } from "./trace-report.ts";
import { findCallTroubles } from "./trouble.ts";

const CAME = heard(1_240, "registered", { device: "iphone" });
const suppressed = (reason: string) => [aTracedPush({ state: "suppressed", reason, deliveries: [] })];
const rang = (...deliveries: TracedDelivery[]) => [aTracedPush({ deliveries })];
/** Returns the phones that were not reached, each with the reason. */
const troublesOf = (call: Partial<TracedCall>) =>
  findCallTroubles(aTracedCall(call)).map(({ phones, reason }) => `${phones.join(",")} ${reason}`);

describe("what happened to a call", () => {
  it.each<[Partial<TracedCall>, string]>([
    [
      { state: "answered", ended_at: at(5_000), history: [CAME] },
      "The call was answered (as it seems, by iphone) after 5 s; iphone had registered after 1.2 s.",
    ],
    [{ state: "declined", ended_at: at(5_000), ended_by: "iphone" }, "The call was declined by iphone after 5 s."],
    [{ state: "cancelled", ended_at: at(2_000) }, "The caller hung up after 2 s: no phone had registered by then."],
    [
      { state: "cancelled", ended_at: at(2_000), history: [CAME] },
      "The caller hung up after 2 s: iphone had registered after 1.2 s.",
    ],
    [{ state: "missed", ended_at: at(30_000) }, "No phone registered in the 30 s until the call was given up."],
    [
      { state: "missed", ended_at: at(25_000), history: [CAME] },
      "Nobody answered in 25 s; iphone had registered after 1.2 s.",
    ],
    [
      { state: "registered", history: [CAME] },
      "iphone registered after 1.2 s: the call could ring there. How it ended the platform has not said.",
    ],
    [
      { state: "registered", history: [heard(33_000, "registered")] },
      "A phone registered after 33 s, 3 s after the call's time was over.",
    ],
    [
      { state: "cancelled", ended_at: at(2_000), history: [heard(900, "ringing", { device: "pixel" })] },
      "The caller hung up after 2 s: pixel had rung after 900 ms.",
    ],
    [
      { state: "missed", ended_at: at(25_000), history: [heard(900, "ringing")] },
      "Nobody answered in 25 s; a phone had rung after 900 ms.",
    ],
    [
      { ringing: true, history: [heard(900, "ringing")] },
      "The call goes on until 06:00:30 UTC: a phone had rung after 900 ms.",
    ],
    [
      { history: [heard(900, "ringing")] },
      "The call was to ring for 30 s; a phone had rung after 900 ms. How it ended the platform has not said.",
    ],
    [{ ringing: true }, "The call goes on until 06:00:30 UTC: no phone has registered so far."],
    [{}, "No phone registered in the 30 s for which the call was to ring."],
    [
      { state: "unreachable", reason: "no_device", pushes: suppressed("no_device") },
      "No phone rang: nothing was sent.",
    ],
    [
      { state: "unreachable", reason: "Unregistered", ended_at: at(80), pushes: [] },
      "No phone could be woken: the call was given up after 80 ms.",
    ],
    [
      { state: "unreachable", reason: "Unregistered", ended_at: at(80) },
      "No phone could be woken: the call was given up after 80 ms.",
    ],
  ])("%j", (call, sentence) => {
    expect(concludeCall(aTracedCall(call))).toBe(sentence);
  });
});

describe("why a phone was not there", () => {
  const refused = anAndroidDelivery({ state: "failed", reason: "UNREGISTERED", tries: [] });
  const slow = aTracedDelivery({ attempts: 2, tries: [failed(10, 9_000, "connect_timeout"), took(27_000, 1_000)] });
  const withdrawn = aTracedDelivery({ state: "cancelled", attempts: 0, tries: [] });
  const two = rang(aTracedDelivery(), anAndroidDelivery());

  it.each<[string, Partial<TracedCall>, string[]]>([
    ["nothing was sent", { state: "unreachable", pushes: suppressed("no_device") }, [" no_device"]],
    ["its token is dead", { state: "missed", ended_at: at(30_000), pushes: rang(refused) }, ["pixel UNREGISTERED"]],
    [
      "what is said of the call, where its attempts are not written yet",
      {
        state: "unreachable",
        reason: "Unregistered",
        pushes: rang(aTracedDelivery({ state: "pending", attempts: 0, tries: [] })),
      },
      [" Unregistered"],
    ],
    ["it took the push and never came", { pushes: two }, ["iphone,pixel never_came"]],
    [
      "it came after the call",
      { history: [heard(33_000, "registered", { device: "iphone", late: true })] },
      ["iphone came_too_late"],
    ],
    ["the caller hung up at once", { state: "cancelled", ended_at: at(1_000) }, ["iphone ended_too_soon"]],
    ["the push went out late", { pushes: rang(slow) }, ["iphone sent_too_late"]],
    [
      "the push had not gone out",
      { state: "cancelled", ended_at: at(50), pushes: rang(withdrawn) },
      ["iphone withdrawn"],
    ],
    [
      "the attempts before the end had failed",
      {
        state: "cancelled",
        ended_at: at(50),
        pushes: rang({ ...withdrawn, tries: [failed(1, 2, "ServiceUnavailable")] }),
      },
      ["iphone ServiceUnavailable"],
    ],
    [
      "another phone was there, this one's token is dead",
      {
        state: "answered",
        ended_at: at(5_000),
        ended_by: "iphone",
        history: [CAME],
        pushes: rang(aTracedDelivery(), refused),
      },
      ["pixel UNREGISTERED"],
    ],
  ])("%s", (_why, call, troubles) => {
    expect(troublesOf(call)).toEqual(troubles);
  });

  it.each<[string, Partial<TracedCall>]>([
    ["a phone that was there", { state: "missed", ended_at: at(30_000), history: [CAME] }],
    [
      "the only phone, under another name",
      { state: "missed", ended_at: at(30_000), history: [heard(1_000, "registered", { device: "x" })] },
    ],
    [
      "a phone that may have been the one without a name",
      { state: "missed", reason: "nobody_registered", pushes: two, history: [heard(1_000, "registered")] },
    ],
    [
      "a phone that may have been the one that rang without a name",
      { state: "missed", ended_at: at(30_000), pushes: two, history: [heard(1_000, "ringing")] },
    ],
    ["a phone that may still come", { ringing: true }],
    [
      "one that another phone was quicker than",
      { state: "answered", ended_at: at(2_000), ended_by: "pixel", pushes: two },
    ],
  ])("is no question of %s", (_what, call) => {
    expect(troublesOf(call)).toEqual([]);
  });
});
