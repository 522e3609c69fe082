import { describe, expect, it } from "vitest";
import { createHttpFixture } from "../../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "../server.ts";

const ALICES = "/v1/subscribers/alice@example.org/preferences";
const DOMAINS = "/v1/domains/example.org/preferences";

function serve() {
  const app = createHttpServer({ requireKey: false, names: () => [] }, createHttpFixture().deps);
  const patch = (url: string, payload: object, type = "application/json") =>
    app.inject({ method: "PATCH", url, payload: JSON.stringify(payload), headers: { "content-type": type } });
  return { app, patch };
}

describe("preferences", () => {
  it("of a subscriber show what was set and what holds", async () => {
    const { app, patch } = serve();
    await patch(DOMAINS, { mobile_push_enable: "never", mobile_push_expiry: 20 });

    const patched = await patch(ALICES, { mobile_push_enable: "always", mobile_push_silent_list: ["bob@example.org"] });

    const own = { mobile_push_enable: "always", mobile_push_silent_list: ["bob@example.org"] };
    expect(patched.json()).toEqual({ own, effective: { ...own, mobile_push_expiry: 20 } });
    expect((await app.inject(ALICES)).json()).toEqual(patched.json());
  });

  it("are unset by null, in either content type", async () => {
    const { app, patch } = serve();
    await patch(DOMAINS, { mobile_push_enable: "never", mobile_push_expiry: 20 });

    const patched = await patch(DOMAINS, { mobile_push_enable: null }, "application/merge-patch+json");

    expect(patched.json()).toEqual({ own: { mobile_push_expiry: 20 } });
    expect((await app.inject(DOMAINS)).json()).toEqual(patched.json());
  });

  it.each([
    [ALICES, { mobile_push_enable: "sometimes" }, "invalid_field", "mobile_push_enable"],
    [ALICES, { mobile_push_expiry: 0 }, "invalid_field", "mobile_push_expiry"],
    [ALICES, { mobile_push_expiry: 3601 }, "invalid_field", "mobile_push_expiry"],
    [ALICES, { mobile_push_expiry: "20" }, "invalid_field", "mobile_push_expiry"],
    [ALICES, { mobile_push_silent_list: ["a", "a"] }, "invalid_field", "mobile_push_silent_list"],
    [ALICES, { mobile_push_silent_list: [1] }, "invalid_field", "mobile_push_silent_list.0"],
    [ALICES, { mobile_push: "always" }, "unknown_field", "mobile_push"],
    [DOMAINS, { mobile_push_silent_list: [] }, "unknown_field", "mobile_push_silent_list"],
    ["/v1/domains/ex%20ample/preferences", {}, "invalid_field", "domain"],
  ])("at %s refuse %j", async (url, body, code, field) => {
    const answer = await serve().patch(url, body);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code, field });
  });

  it("tell which values there are", async () => {
    const answer = await serve().patch(ALICES, { mobile_push_enable: "sometimes" });

    expect(answer.json()).toMatchObject({
      detail:
        'mobile_push_enable must be one of: never, always, no_reg, only_push, reg_then_push, push_then_reg; found "sometimes".',
    });
  });
});
