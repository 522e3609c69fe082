import { describe, expect, it } from "vitest";
import { ALICE, aCall, aMessage, aPush, aRingingCall } from "../../../test/fixtures/builders.ts";
import { createHttpFixture } from "../../../test/fixtures/http-fixture.ts";
import { buildEndPushId } from "../../push/call-end.ts";
import type { Calls } from "../../gateway/calls/calls.ts";
import type { Push } from "../../push/push.ts";
import { createHttpServer } from "../server.ts";

const RANG = "0190a1b2-c3d4-7abc-8def-0123456789ab";
const TOLD = buildEndPushId(RANG, "cancelled", "silent");
const NOTE = "0190a1b2-c3d4-7abc-8def-0123456789ac";
const CALL = aRingingCall({
  pushIds: [RANG, "0190a1b2-ffff-7abc-8def-0123456789ab"],
  state: "cancelled",
  endedAt: 9_000,
});

const PUSHES: readonly Push[] = [
  aPush({ id: RANG, request: aCall({ callId: CALL.id }), preferences: { mobile_push_expiry: 30 } }),
  aPush({ id: TOLD, request: aCall({ callId: CALL.id, kind: "call_end" }) }),
  aPush({ id: NOTE, request: aMessage() }),
];

function trace(ref: string, { calls = [CALL], pushes = PUSHES } = {}) {
  const known: Partial<Calls> = {
    find: async (id) => calls.filter((call) => call.id === id),
    listLatest: async (callee) => calls.filter((call) => call.callee === callee),
  };
  const { deps } = createHttpFixture({ pushes });
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

  describe("of what was replayed", () => {
    const at = 1_800_000_000_000;
    const AGAIN = "0190a1b2-c3d4-7abc-8def-0123456789ad";
    const LAST = "0190a1b2-c3d4-7abc-8def-0123456789ae";

    it.each([CALL.id, RANG, AGAIN, LAST])("has both calls, and what came after, in order, by %s", async (ref) => {
      const rang = aPush({ id: RANG, state: "failed", replayed: { as: AGAIN, at } });
      const pushes = [
        { ...rang, request: aCall({ callId: CALL.id }) },
        aPush({ id: AGAIN, state: "failed", request: aCall({ replayOf: RANG }), replayed: { as: LAST, at: at + 1 } }),
        aPush({ id: LAST, request: aCall({ replayOf: AGAIN }) }),
      ];
      const calls = [
        aRingingCall({ id: LAST, pushIds: [LAST], door: "replay" }),
        aRingingCall({ id: AGAIN, pushIds: [AGAIN], door: "replay" }),
        CALL,
      ];

      const answer = await trace(ref, { calls, pushes });

      expect(answer.json()).toMatchObject({
        calls: [
          { call_id: CALL.id, pushes: [{ id: RANG, replayed_as: AGAIN, replayed_at: new Date(at).toISOString() }] },
          { call_id: AGAIN, pushes: [{ id: AGAIN, replay_of: RANG, replayed_as: LAST }] },
          { call_id: LAST, pushes: [{ id: LAST, replay_of: AGAIN }] },
        ],
        pushes: [],
      });
    });

    it.each([NOTE, AGAIN])("has both messages, by %s", async (ref) => {
      const pushes = [
        aPush({ id: NOTE, state: "failed", request: aMessage(), replayed: { as: AGAIN, at } }),
        aPush({ id: AGAIN, request: aMessage({ replayOf: NOTE }) }),
      ];

      const answer = await trace(ref, { pushes });

      expect(answer.json()).toMatchObject({ calls: [], pushes: [{ id: NOTE }, { id: AGAIN, replay_of: NOTE }] });
    });

    it("has the push that told of a call's end, and its replay", async () => {
      const told = aCall({ kind: "call_end", callId: CALL.id });
      const pushes = [
        aPush({ id: TOLD, state: "failed", request: told, replayed: { as: AGAIN, at } }),
        aPush({ id: AGAIN, request: { ...told, replayOf: TOLD } }),
      ];

      const answer = await trace(CALL.id, { pushes });

      expect(answer.json()).toMatchObject({ calls: [{ end_pushes: [{ id: TOLD }, { id: AGAIN }] }] });
    });
  });
});
