import { describe, expect, it } from "vitest";
import { ALICE, aMessage, aRingingCall } from "../../../test/support/builders.ts";
import { createHttpRig } from "../../../test/support/http-rig.ts";
import { aPush } from "../../../test/support/push-builders.ts";
import { buildEndPushId } from "../../push/call-end.ts";
import type { Calls } from "../../gateway/calls/calls.ts";
import { createHttpServer } from "../server.ts";

const RANG = "0190a1b2-c3d4-7abc-8def-0123456789ab";
const TOLD = buildEndPushId(RANG, "cancelled", "silent");
const NOTE = "0190a1b2-c3d4-7abc-8def-0123456789ac";
const CALL = aRingingCall({
  pushIds: [RANG, "0190a1b2-ffff-7abc-8def-0123456789ab"],
  state: "cancelled",
  endedAt: 9_000,
});

function trace(ref: string, { calls = [CALL] } = {}) {
  const rang = aPush();
  const pushes = [
    { ...rang, id: RANG, request: { ...rang.request, callId: CALL.id }, preferences: { mobile_push_expiry: 30 } },
    { ...rang, id: TOLD, request: { ...rang.request, callId: CALL.id, kind: "call_end" as const } },
    { ...rang, id: NOTE, request: aMessage() },
  ];
  const known: Partial<Calls> = {
    find: async (id) => calls.filter((call) => call.id === id),
    listLatest: async (callee) => calls.filter((call) => call.callee === callee),
  };
  const { deps } = createHttpRig({ pushes });
  const app = createHttpServer({ requireKey: false, names: () => [] }, { ...deps, calls: { ...deps.calls, ...known } });
  return app.inject({ method: "GET", url: `/v1/traces/${encodeURIComponent(ref)}` });
}

describe("GET /v1/traces/{ref}", () => {
  it.each([
    ["by its Call-ID", CALL.id],
    ["by the push that rang", RANG.toUpperCase()],
    ["by the push that told phones of its end", TOLD],
    ["by who was called", ALICE],
  ])("finds a call %s, with its pushes that are still known", async (_how, ref) => {
    const answer = await trace(ref);

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      calls: [
        {
          call_id: CALL.id,
          state: "cancelled",
          pushes: [{ id: RANG, preferences: { mobile_push_expiry: 30 } }],
          end_pushes: [{ id: TOLD, kind: "call_end" }],
        },
      ],
      pushes: [],
    });
  });

  it.each([
    ["a message", NOTE, [CALL]],
    ["a call that is forgotten", RANG, []],
  ])("has the push of %s alone", async (_what, ref, calls) => {
    const answer = await trace(ref, { calls });

    expect(answer.json()).toMatchObject({ calls: [], pushes: [{ id: ref }] });
  });

  it.each(["bob@example.org", "0190a1b2-0000-7abc-8def-0123456789ab", "what?"])("knows nothing of %s", async (ref) => {
    const answer = await trace(ref);

    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: "not_found", field: "ref" });
  });
});
