import { beforeEach, expect, it } from "vitest";
import { createManualClock, type ManualClock } from "../../../test/fixtures/clocks.ts";
import { createProviderTokenKey } from "../../simulator/credentials.ts";
import { ProviderTokens, type ProviderToken } from "./provider-token.ts";
import { createRemedies, type ApplyRemedy } from "./remedies.ts";

const MINUTE_MS = 60_000;

let clock: ManualClock;
let token: ProviderToken;
let renewals: number;
let apply: ApplyRemedy;

beforeEach(() => {
  clock = createManualClock();
  token = new ProviderTokens(clock).of({
    kind: "token",
    ...createProviderTokenKey({ keyId: "KEY", teamId: "TEAM" }),
  });
  renewals = 0;
  apply = createRemedies({ token, channels: [{ renew: () => (renewals += 1) }], clock });
});

function aConnection() {
  const connection = { usable: true, drain: () => void (connection.usable = false) };
  return connection;
}

it("leaves a connection once, however many pushes learn over it that it is of no use", async () => {
  const connection = aConnection();
  const usage = { providerToken: undefined, connection };

  const repeats = await Promise.all(Array.from({ length: 100 }, () => apply("reconnect", usage)));

  expect(new Set(repeats)).toEqual(new Set([true]));
  expect(connection.usable).toBe(false);
  await expect(apply("reconnect", { providerToken: undefined, connection: aConnection() })).resolves.toBe(true);
});

it("leaves a few connections at once and then one a second, where Apple turns away over each of them", async () => {
  const leave = () => apply("reconnect", { providerToken: undefined, connection: aConnection() });

  const burst: boolean[] = [];
  for (let push = 0; push < 10; push += 1) burst.push(await leave());
  clock.advance(1_000);

  expect(burst.filter(Boolean)).toHaveLength(4);
  expect([await leave(), await leave()]).toEqual([true, false]);
});

it("renews token and connections once, however many pushes hear that the token has expired", async () => {
  const expired = await token.read();
  clock.advance(30 * MINUTE_MS);
  const usage = { providerToken: expired, connection: aConnection() };

  const repeats = await Promise.all(Array.from({ length: 20 }, () => apply("renew_token", usage)));

  expect(new Set(repeats)).toEqual(new Set([true]));
  expect(renewals).toBe(1);
  expect(await token.read()).not.toBe(expired);
});

it("gives up where Apple goes on over a new connection to call a token expired that is too young to be replaced", async () => {
  const usage = { providerToken: await token.read(), connection: aConnection() };

  expect(await apply("renew_token", usage)).toBe(false);
  expect(await apply("renew_token", usage)).toBe(false);
  expect(renewals).toBe(1);
});

it("does nothing about a provider token where there is a certificate", async () => {
  const applyWithout = createRemedies({ token: undefined, channels: [], clock });

  await expect(applyWithout("renew_token", { providerToken: undefined, connection: aConnection() })).resolves.toBe(
    false,
  );
});
