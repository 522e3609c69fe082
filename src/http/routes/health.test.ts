import { describe, expect, it } from "vitest";
import { createHttpFixture } from "../../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "../server.ts";

describe("health routes", () => {
  it("say that the process lives", async () => {
    const answer = await createHttpServer({ requireKey: false, names: () => [] }, createHttpFixture().deps).inject(
      "/healthz",
    );

    expect([answer.statusCode, answer.json()]).toEqual([200, { status: "alive" }]);
  });

  it.each([
    [{ ready: true }, 200, "ready"],
    [{ ready: true, degraded: false }, 200, "ready"],
    [{ ready: true, degraded: true }, 200, "degraded"],
    [{ ready: false, degraded: true }, 503, "not_ready"],
  ])("say how it is: %o", async (state, statusCode, status) => {
    const checks = { store: "does not answer" };
    const { deps } = createHttpFixture({}, { readiness: async () => ({ ...state, checks }) });

    const answer = await createHttpServer({ requireKey: false, names: () => [] }, deps).inject("/readyz");

    expect([answer.statusCode, answer.json()]).toEqual([statusCode, { status, checks }]);
  });

  it("hand out the metrics as they are", async () => {
    const answer = await createHttpServer({ requireKey: false, names: () => [] }, createHttpFixture().deps).inject(
      "/metrics",
    );

    expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4");
    expect(answer.body).toBe("pushes_total 1\n");
  });
});
