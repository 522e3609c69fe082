import { describe, expect, it } from "vitest";
import { ANDROID_TOKEN, anIphone, IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import { createHttpFixture } from "../../../test/fixtures/http-fixture.ts";
import { createHttpServer } from "../server.ts";

const PHONE = "/v1/subscribers/alice%40example.org/devices/phone-1";

function serve() {
  const app = createHttpServer({ requireKey: false, names: () => [] }, createHttpFixture().deps);
  return { app, put: (payload: object, url = PHONE) => app.inject({ method: "PUT", url, payload }) };
}

const FID = "dQw4w9WgXcQ_dQw4w9WgXc";

describe("PUT of a device", () => {
  it("answers 201 for a new device and 200 for one that is replaced, with short tokens", async () => {
    const { put } = serve();
    const body = { provider: "apns", tokens: { voip: IPHONE_TOKENS.voip.toUpperCase() }, name: "Alice's phone" };

    const [first, second] = [await put(body), await put(body)];

    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(first.json()).toEqual({
      subscriber: "alice@example.org",
      device: "phone-1",
      provider: "apns",
      tokens: { voip: "a1a1a1…a1a1" },
      environment: "production",
      name: "Alice's phone",
      registered_at: "2027-01-15T08:00:00.000Z",
      displaced: [],
    });
  });

  it.each([
    [{ fid: FID }, undefined, "fid"],
    [{ token: FID }, undefined, "fid"],
    [{ fid: FID, os: "ios" }, "ios", "fid"],
    [{ token: ANDROID_TOKEN, os: "ios" }, "ios", "registration"],
  ])("takes a phone with Firebase: %j", async (body, os, kind) => {
    const answer = await serve().put({ provider: "fcm", ...body });

    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ tokens: { [kind]: expect.stringContaining("…") } });
    expect(answer.json().os).toBe(os);
    expect(answer.body).not.toContain(FID);
  });

  it("takes Apple's suffix of calls off the app's id", async () => {
    const body = { provider: "apns", tokens: { voip: IPHONE_TOKENS.voip }, app: "org.example.phone.voip" };

    expect((await serve().put(body)).json()).toMatchObject({ app: "org.example.phone" });
  });

  it("says who lost the token to it", async () => {
    const { put } = serve();
    const body = { provider: "fcm", token: ANDROID_TOKEN, app: "org.example.app", environment: "sandbox" };
    await put(body, "/v1/subscribers/bob@example.org/devices/old");

    const answer = await put(body);

    expect(answer.json()).toMatchObject({ displaced: [{ subscriber: "bob@example.org", device: "old" }] });
    expect(answer.body).not.toContain(ANDROID_TOKEN);
  });

  it.each([
    [{}, "missing_field", "provider"],
    [{ provider: "apns" }, "missing_field", "tokens"],
    [{ provider: "apns", tokens: {} }, "missing_field", "tokens"],
    [{ provider: "apns", token: "aa".repeat(32) }, "invalid_field", "token"],
    [{ provider: "apns", tokens: { voip: "aa".repeat(31).slice(1) } }, "invalid_field", "tokens.voip"],
    [{ provider: "apns", tokens: { remote: "zz".repeat(32) } }, "invalid_field", "tokens.remote"],
    [{ provider: "apns", tokens: { registration: "aa" } }, "unknown_field", "tokens.registration"],
    [{ provider: "fcm" }, "missing_field", "token"],
    [{ provider: "fcm", token: "short" }, "invalid_field", "token"],
    [{ provider: "gcm", token: "with a space in it" }, "invalid_field", "token"],
    [{ provider: "fcm", tokens: { voip: "aa".repeat(32) } }, "invalid_field", "tokens"],
    [{ provider: "fcm", token: ANDROID_TOKEN, fid: FID }, "invalid_field", "fid"],
    [{ provider: "fcm", tokens: { voip: "aa".repeat(32) }, fid: FID }, "invalid_field", "tokens"],
    [{ provider: "fcm", fid: "short" }, "invalid_field", "fid"],
    [{ provider: "gcm", fid: FID }, "invalid_field", "fid"],
    [{ provider: "apns", fid: FID }, "invalid_field", "fid"],
    [{ provider: "apns", tokens: { voip: "aa".repeat(32) }, os: "android" }, "invalid_field", "os"],
    [{ provider: "fcm", fid: FID, os: "windows" }, "invalid_field", "os"],
    [{ provider: "wns", token: ANDROID_TOKEN }, "invalid_field", "provider"],
    [{ provider: "fcm", token: ANDROID_TOKEN, owner: "bob" }, "unknown_field", "owner"],
  ])("refuses %j with %s at %s", async (body, code, field) => {
    const answer = await serve().put(body);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code, field });
  });

  it.each([
    ["/v1/subscribers/alice/devices/p", "subscriber"],
    ["/v1/subscribers/alice%00@example.org/devices/p", "subscriber"],
    ["/v1/subscribers/alice@example.org/devices/..%2f..%2fp", "device"],
    ["/v1/subscribers/alice@example.org/devices/%00", "device"],
  ])("refuses the path %s at %s", async (url, field) => {
    const answer = await serve().put({ provider: "fcm", token: ANDROID_TOKEN }, url);

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: "invalid_field", field });
  });
});

describe("devices of a subscriber", () => {
  it("are listed, shown and removed", async () => {
    const { app, put } = serve();
    await put({ provider: "fcm", token: ANDROID_TOKEN });

    const list = await app.inject("/v1/subscribers/alice@example.org/devices");
    const shown = await app.inject(PHONE);
    const removed = [
      await app.inject({ method: "DELETE", url: PHONE }),
      await app.inject({ method: "DELETE", url: PHONE }),
    ];

    expect(list.json()).toEqual({ devices: [shown.json()] });
    expect(shown.json()).toMatchObject({ device: "phone-1", tokens: { registration: "fZ3kq9…6789" } });
    expect(removed.map(({ statusCode }) => statusCode)).toEqual([204, 404]);
    expect((await app.inject(PHONE)).json()).toMatchObject({ code: "not_found", field: "device" });
  });

  it("say since when their environment is not the one that the app named", async () => {
    const { deps } = createHttpFixture();
    const device = anIphone({ environment: "sandbox", environmentLearnedAt: 1_800_000_000_000 });
    const registrations = { ...deps.registrations, list: async () => [device] };
    const app = createHttpServer({ requireKey: false, names: () => [] }, { ...deps, registrations });

    const { devices } = (await app.inject("/v1/subscribers/alice@example.org/devices")).json();

    expect(devices).toMatchObject([{ environment: "sandbox", environment_learned_at: "2027-01-15T08:00:00.000Z" }]);
  });
});
