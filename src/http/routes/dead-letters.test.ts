import { describe, expect, it } from "vitest";
import { createHttpFixture } from "../../../test/fixtures/http-fixture.ts";
import { aPush } from "../../../test/fixtures/builders.ts";
import type { DeadLetterService } from "../../gateway/accept/dead-letters.ts";
import { createHttpServer } from "../server.ts";

const FAILED = aPush({ id: "01a20731-46e1-7748-a50d-30a074776f5b", state: "failed", endedAt: 1_800_000_001_000 });
const UNKNOWN = "01a20731-46e1-7748-a50d-000000000000";

function start() {
  const { deps } = createHttpFixture({ pushes: [FAILED, aPush({ id: UNKNOWN, state: "delivered" })] });
  return createHttpServer({ requireKey: false, names: () => [] }, deps);
}

describe("/v1/dead-letters", () => {
  it("lists what failed, with how it ended", async () => {
    const answer = await start().inject("/v1/dead-letters");

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      dead_letters: [{ id: FAILED.id, state: "failed", ended_at: "2027-01-15T08:00:01.000Z" }],
    });
  });

  it("takes a page's size and place from the query", async () => {
    const empty = await start().inject(`/v1/dead-letters?limit=1&before=${FAILED.id}`);

    expect(empty.json()).toEqual({ dead_letters: [] });
  });

  it.each(["limit=0", "limit=501", "limit=x", "before=x", "order=asc"])("refuses the query %s", async (query) => {
    const answer = await start().inject(`/v1/dead-letters?${query}`);

    expect(answer.statusCode).toBe(400);
  });

  it("replays one, and says under which id", async () => {
    const answer = await start().inject({ method: "POST", url: `/v1/dead-letters/${FAILED.id}/replay` });

    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({ status: "accepted" });
    expect(answer.headers["location"]).toMatch(/^\/v1\/pushes\//);
  });

  it.each([
    ["nothing", undefined, {}, false],
    ["nothing, with a content type", "", { "content-type": "application/json" }, false],
    ["an empty object", {}, {}, false],
    ["force", { force: true }, {}, true],
  ])("takes %s with a replay", async (_what, payload, headers, force) => {
    const asked: object[] = [];
    const { deps } = createHttpFixture({ pushes: [FAILED] });
    const replay: DeadLetterService["replay"] = async (id, options) => {
      asked.push({ id, ...options });
      return { kind: "accepted", id: UNKNOWN, state: "pending" };
    };
    const server = createHttpServer(
      { requireKey: false, names: () => [] },
      { ...deps, deadLetters: { ...deps.deadLetters, replay } },
    );

    const url = `/v1/dead-letters/${FAILED.id}/replay`;
    const answer = await server.inject({ method: "POST", url, headers, ...(payload === undefined ? {} : { payload }) });

    expect(answer.statusCode).toBe(202);
    expect(asked).toEqual([{ id: FAILED.id, force }]);
  });

  it.each([{ force: "yes" }, { all: true }])("refuses %j with a replay", async (payload) => {
    const answer = await start().inject({ method: "POST", url: `/v1/dead-letters/${FAILED.id}/replay`, payload });

    expect(answer.statusCode).toBe(400);
  });

  it("drops one, and says where there is none", async () => {
    const server = start();

    const dropped = await server.inject({ method: "DELETE", url: `/v1/dead-letters/${FAILED.id}` });
    const unknown = await server.inject({ method: "DELETE", url: `/v1/dead-letters/${UNKNOWN}` });

    expect(dropped.statusCode).toBe(204);
    expect(unknown.statusCode).toBe(404);
    expect(unknown.json()).toMatchObject({ code: "not_found", field: "id" });
  });
});
