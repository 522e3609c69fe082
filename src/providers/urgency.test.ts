import { expect, it } from "vitest";
import { ACCEPTED_AT, anAttempt } from "../../test/fixtures/attempts.ts";
import { aCall, aMessage, anAndroid, anIphone } from "../../test/fixtures/builders.ts";
import type { PushRequest } from "../push/push.ts";
import { buildRequest as buildApns } from "./apns/request.ts";
import { buildRequest as buildFcm } from "./fcm/request.ts";
import { buildRequest as buildGcm } from "./gcm/request.ts";

const priority = { call: "high", message: "normal", invite: "normal", groupchat: "normal" } as const;

it.each<[PushRequest["kind"], PushRequest, boolean]>([
  ["call", aCall(), true],
  ["call_end", { ...aCall(), kind: "call_end" }, true],
  ["message", aMessage(), false],
  ["groupchat", { ...aMessage(), kind: "groupchat" }, false],
  ["wake", { ...aMessage(), kind: "wake", silent: true }, false],
])("a push of kind %s overtakes others at every provider alike", (_kind, request, isUrgent) => {
  const toGoogle = anAttempt(request, anAndroid());
  const built = [
    buildApns(anAttempt(request, anIphone()), {
      bundleId: "org.example.phone",
      now: ACCEPTED_AT,
      voipExpiryMs: 30_000,
    }),
    buildFcm(toGoogle, { projectId: "p", accessToken: "t", priority, now: 0 }),
    buildGcm(toGoogle, { path: "/", key: "k", priority, now: 0 }),
  ];

  expect(built.map((one) => one.isUrgent)).toEqual([isUrgent, isUrgent, isUrgent]);
});

it("a wake has a call's priority at Google, whose other one may wait for the phone to wake by itself", () => {
  const attempt = anAttempt({ ...aMessage(), kind: "wake", silent: true }, anAndroid());

  const fcm = JSON.parse(buildFcm(attempt, { projectId: "p", accessToken: "t", priority, now: 0 }).body);
  const gcm = JSON.parse(buildGcm(attempt, { path: "/", key: "k", priority, now: 0 }).body);

  expect([fcm.message.android.priority, gcm.priority]).toEqual(["HIGH", "high"]);
});
