import { describe, expect, it } from "vitest";
import { ALICE } from "../../../test/fixtures/builders.ts";
import { createHttpFixture, PUSH_ID } from "../../../test/fixtures/http-fixture.ts";
import type { Call } from "../../push/call.ts";
import { GatewayError } from "../../gateway/errors.ts";
import { createHttpServer } from "../server.ts";

function ring(awaitVerdict: () => Promise<Call | undefined>) {
  const { deps } = createHttpFixture();
  const calls = { ...deps.calls, awaitVerdict };
  const app = createHttpServer({ requireKey: false, names: () => [] }, { ...deps, calls });
  const payload = { callee: ALICE, call_id: "c1" };
  return app.inject({ method: "POST", url: "/v1/calls", payload, headers: { prefer: "wait=1" } });
}

describe("POST /v1/calls with Prefer: wait", () => {
  it("does not refuse a call that was accepted, though the store does not say whether a phone has come", async () => {
    const away = new GatewayError("store_unavailable", "The store does not answer.");

    const answer = await ring(() => Promise.reject(away));

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ push_id: PUSH_ID, state: "ringing", verdict: "timeout" });
  });

  it("says so if the store has lost the call", async () => {
    const answer = await ring(async () => undefined);

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ state: "unreachable", verdict: "unreachable", reason: "lost_by_store" });
  });

  it("passes on that the gateway stops", async () => {
    const stopping = new GatewayError("shutting_down", "The gateway stops.");

    const answer = await ring(() => Promise.reject(stopping));

    expect(answer.statusCode).toBe(503);
  });
});

describe("POST /v1/calls with data", () => {
  it("takes as many members as are allowed, and refuses more", async () => {
    const { deps } = createHttpFixture();
    const app = createHttpServer({ requireKey: false, names: () => [] }, { ...deps, maxDataMembers: () => 3 });
    const send = (...names: readonly string[]) => {
      const data = Object.fromEntries(names.map((name) => [name, "1"]));
      return app.inject({ method: "POST", url: "/v1/calls", payload: { callee: ALICE, call_id: "c1", data } });
    };

    expect((await send("a", "b", "c")).statusCode).toBe(202);
    const refused = await send("a", "b", "c", "d");
    expect(refused.statusCode).toBe(400);
    expect(refused.json()).toMatchObject({ code: "invalid_field", field: "data" });
  });
});
