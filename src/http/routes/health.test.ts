import { describe, expect, it } from "vitest";
import { createHttpRig } from "../../../test/support/http-rig.ts";
import { createHttpServer } from "../server.ts";

describe("health routes", () => {
  it("say that the process lives", async () => {
    const answer = await createHttpServer({ requireKey: false }, createHttpRig().deps).inject("/healthz");

    expect([answer.statusCode, answer.json()]).toEqual([200, { status: "alive" }]);
  });

  it.each([
    [true, 200, "ready"],
    [false, 503, "not_ready"],
  ])("say whether it is ready: %s", async (ready, statusCode, status) => {
    const { deps } = createHttpRig({}, { readiness: async () => ({ ready, checks: { store: "does not answer" } }) });

    const answer = await createHttpServer({ requireKey: false }, deps).inject("/readyz");

    expect([answer.statusCode, answer.json()]).toEqual([statusCode, { status, checks: { store: "does not answer" } }]);
  });

  it("hand out the metrics as they are", async () => {
    const answer = await createHttpServer({ requireKey: false }, createHttpRig().deps).inject("/metrics");

    expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4");
    expect(answer.body).toBe("pushes_total 1\n");
  });
});
