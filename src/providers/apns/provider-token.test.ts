import { decodeJwt, decodeProtectedHeader } from "jose";
import { beforeEach, expect, it } from "vitest";
import { createManualClock, type ManualClock } from "../../../test/fixtures/clocks.ts";
import { createProviderTokenKey } from "../../simulator/credentials.ts";
import { ProviderTokens, type ProviderToken } from "./provider-token.ts";

const MINUTE_MS = 60_000;

let clock: ManualClock;
let tokens: ProviderTokens;
let token: ProviderToken;

const aKey = (keyId = "KEY") => ({ kind: "token", ...createProviderTokenKey({ keyId, teamId: "TEAM" }) }) as const;
const KEY = aKey();

beforeEach(() => {
  clock = createManualClock();
  tokens = new ProviderTokens(clock);
  token = tokens.of(KEY);
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

it("is the older one for a few minutes more where Apple finds the new one too early", async () => {
  const first = await token.read();
  clock.advance(45 * MINUTE_MS);
  const second = await token.read();

  token.keepOlder(second);

  expect(await token.read()).toBe(first);
  clock.advance(12 * MINUTE_MS);
  const third = await token.read();
  expect([first, second]).not.toContain(third);
});

it.each([
  ["there is no older one", 0],
  ["the older one is past its hour", 60],
])("is kept where Apple finds it too early and %s", async (_what, minutes) => {
  const older = await token.read();
  clock.advance(minutes * MINUTE_MS);
  const value = await token.read();

  token.keepOlder(value);

  expect(await token.read()).toBe(value);
  expect(value === older).toBe(minutes === 0);
});

it("is not exchanged for the older one because of an answer to another", async () => {
  const first = await token.read();
  clock.advance(45 * MINUTE_MS);
  const second = await token.read();

  token.keepOlder(first);

  expect(await token.read()).toBe(second);
});

it("is signed anew once when Apple calls it expired, however many hear that", async () => {
  const first = await token.read();
  clock.advance(20 * MINUTE_MS);
  token.expire(first);
  token.expire(first);

  const second = await token.read();

  expect(second).not.toBe(first);
  clock.advance(20 * MINUTE_MS);
  token.expire(first);
  expect(await token.read()).toBe(second);
});

it("stays as it is while it is too young to be replaced: Apple would refuse the new one as well", async () => {
  const first = await token.read();
  clock.advance(20 * MINUTE_MS - 1);

  token.expire(first);

  expect(await token.read()).toBe(first);
});

it("is signed anew where the clock has been put back by hours", async () => {
  const first = await token.read();
  clock.advance(-180 * MINUTE_MS);

  expect(await token.read()).not.toBe(first);
});

it("is one for all apps of a key, also for those that are opened later", async () => {
  const first = await token.read();
  clock.advance(19 * MINUTE_MS);

  const again = tokens.of({ ...KEY, tls: { certificate: "c", key: "k" } });

  expect(again).toBe(token);
  expect(await again.read()).toBe(first);
});

it("is another one for another key, and for another file under the same id", async () => {
  const others = [tokens.of(aKey("KEY2")), tokens.of(aKey("KEY"))];

  expect(new Set([token, ...others]).size).toBe(3);
});
