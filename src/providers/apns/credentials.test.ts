import { decodeJwt, decodeProtectedHeader } from "jose";
import { beforeEach, expect, it } from "vitest";
import { createManualClock, type ManualClock } from "../../../test/support/manual-clock.ts";
import { createProviderTokenKey } from "../../simulator/credentials.ts";
import { ProviderToken } from "./credentials.ts";

const MINUTE_MS = 60_000;

let clock: ManualClock;
let token: ProviderToken;

beforeEach(() => {
  clock = createManualClock();
  token = new ProviderToken({ kind: "token", ...createProviderTokenKey({ keyId: "KEY", teamId: "TEAM" }) }, clock);
});

it("signs what Apple asks for", async () => {
  const jwt = await token.read();

  expect(decodeProtectedHeader(jwt)).toEqual({ alg: "ES256", kid: "KEY" });
  expect(decodeJwt(jwt)).toEqual({ iss: "TEAM", iat: clock() / 1_000 });
});

it("is one token for all who ask, at the same time or for a good while later", async () => {
  const [first, second] = await Promise.all([token.read(), token.read()]);
  clock.advance(44 * MINUTE_MS);

  expect(second).toBe(first);
  expect(await token.read()).toBe(first);
});

it("is signed anew before its hour is over", async () => {
  const first = await token.read();
  clock.advance(45 * MINUTE_MS);

  const second = await token.read();

  expect(second).not.toBe(first);
  expect(decodeJwt(second).iat).toBe(clock() / 1_000);
});

it("is signed anew once when Apple calls it expired, however many hear that", async () => {
  const first = await token.read();
  clock.advance(20 * MINUTE_MS);

  const expirations = [token.expire(), token.expire()];

  expect(expirations).toEqual([true, false]);
  const second = await token.read();
  expect(second).not.toBe(first);
  expect(token.expire()).toBe(false);
  expect(await token.read()).toBe(second);
});

it("stays as it is while it is too young to be replaced: Apple would refuse the new one as well", async () => {
  const first = await token.read();
  clock.advance(20 * MINUTE_MS - 1);

  expect(token.expire()).toBe(false);

  expect(await token.read()).toBe(first);
});
