import { beforeEach, expect, it } from "vitest";
import { createVirtualTime, type VirtualTime } from "../../../test/fixtures/clocks.ts";
import { RefusedTokenError, AccessToken, AccessTokens } from "./access-token.ts";
import { BadServiceAccountError, type FetchToken } from "./credentials.ts";

const MINUTE_MS = 60_000;
const LIFE_MS = 60 * MINUTE_MS;

let time: VirtualTime;
let fetches: number;
let answer: FetchToken;
let token: AccessToken;

const succeed: FetchToken = async () => ({ value: `token ${fetches}`, lifeMs: LIFE_MS });
const fail: FetchToken = () => Promise.reject(new Error("503"));
const refuse: FetchToken = () => Promise.reject(new Error("invalid_grant: Invalid JWT Signature."));
const hang: FetchToken = (signal) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

beforeEach(() => {
  time = createVirtualTime();
  fetches = 0;
  answer = succeed;
  const fetchToken: FetchToken = (signal) => {
    fetches += 1;
    return answer(signal);
  };
  token = new AccessToken({ fetchToken, clock: time.clock, sleep: time.sleep, fetchTimeoutMs: 50 });
});

it("is fetched once for all who ask", async () => {
  const values = await Promise.all([token.read(), token.read(), token.read()]);

  expect(values).toEqual(["token 1", "token 1", "token 1"]);
});

it("is renewed in the background from half its life on", async () => {
  await token.read();
  await time.advance(LIFE_MS / 2);

  expect(await token.read()).toBe("token 1");

  expect(await token.read()).toBe("token 2");
});

it("is used to its end while it cannot be renewed, and not a moment longer", async () => {
  await token.read();
  answer = fail;
  await time.advance(LIFE_MS - 1);
  expect(await token.read()).toBe("token 1");

  await time.advance(1);

  await expect(token.read()).rejects.toThrow("503");
});

it("is asked for again only after a while when its renewal has failed", async () => {
  await token.read();
  answer = fail;
  await time.advance(LIFE_MS / 2);
  for (let push = 0; push < 20; push += 1) {
    token.confirm(await token.read());
    await Promise.resolve();
  }
  expect(fetches).toBe(2);

  await time.advance(5_000);
  await token.read();

  expect(fetches).toBe(3);
});

it("is not asked for by every push while there is none to be had", async () => {
  answer = fail;
  for (let push = 0; push < 20; push += 1) await expect(token.read()).rejects.toThrow("503");
  expect(fetches).toBe(1);
  answer = succeed;

  await time.advance(500);

  expect(await token.read()).toBe("token 2");
});

it("tells that waiting does not help when Google refuses the account", async () => {
  answer = refuse;

  for (let push = 0; push < 2; push += 1) await expect(token.read()).rejects.toBeInstanceOf(BadServiceAccountError);

  expect(fetches).toBe(1);
});

it("is fetched anew at once when Google refuses one that has worked", async () => {
  token.confirm(await token.read());

  token.expire("token 1");

  expect(await token.read()).toBe("token 2");
});

it("is not thrown away because of an answer to an older one", async () => {
  token.confirm(await token.read());
  token.expire("token 1");
  await token.read();

  token.expire("token 1");

  expect(await token.read()).toBe("token 2");
});

it("is fetched anew only after a while when Google refuses the new one as well", async () => {
  token.expire(await token.read());
  token.expire(await token.read());
  await expect(token.read()).rejects.toBeInstanceOf(RefusedTokenError);
  expect(fetches).toBe(2);

  await time.advance(5_000);

  expect(await token.read()).toBe("token 3");
});

it("is fetched anew at once again when Google has taken one in between", async () => {
  for (let round = 1; round <= 3; round += 1) {
    const value = await token.read();
    token.confirm(value);
    token.expire(value);
  }

  expect(await token.read()).toBe("token 4");
});

it("is asked for again when an answer does not come", async () => {
  answer = hang;
  await expect(token.read()).rejects.toMatchObject({ name: "TimeoutError" });
  answer = succeed;
  await time.advance(500);

  expect(await token.read()).toBe("token 2");
});

it("is not waited for when the gateway stops", async () => {
  answer = hang;
  const waiting = token.read();

  token[Symbol.dispose]();

  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});

it("tells who watches that Google gives none while one lives, tries by itself, and tells when that is over", async () => {
  const told: (string | undefined)[] = [];
  await token.read();
  token.watch((trouble) => told.push(trouble));
  answer = fail;
  await time.advance(LIFE_MS / 2);
  expect(await token.read()).toBe("token 1");
  await time.settle();
  expect(told).toEqual([undefined]);

  await time.advance(10_000);
  expect(told).toEqual([undefined, expect.stringMatching(/no access token .* the one in use lives until 20/)]);

  answer = succeed;
  await time.advance(10_000);
  expect(told).toHaveLength(3);
  expect(told[2]).toBeUndefined();
  expect(await token.read()).toBe("token 4");
});

it("tells at once when there is none, and who begins to watch later", async () => {
  answer = refuse;
  await expect(token.read()).rejects.toThrow("service account");
  const told: (string | undefined)[] = [];

  token.watch((trouble) => told.push(trouble));

  expect(told).toEqual([expect.stringMatching(/^Google refuses the service account, pushes to Google wait\. Create/)]);
});

it("does not go on trying by itself when nobody watches any more", async () => {
  answer = fail;
  const stopWatching = token.watch(() => undefined);
  await expect(token.read()).rejects.toThrow("503");
  stopWatching();

  await time.advance(5 * MINUTE_MS);

  expect(fetches).toBe(1);
  expect(time.sleepers).toBe(0);
});

it("is one for all apps of a service account and endpoint", () => {
  using tokens = new AccessTokens(time);
  const serviceAccount = { projectId: "p", clientEmail: "e", privateKey: "k" };
  const app = { serviceAccount, tokenEndpoint: "https://127.0.0.1:9/token" };

  const token = tokens.of(app);

  expect(tokens.of({ ...app, serviceAccount: { ...serviceAccount, projectId: "another" } })).toBe(token);
  expect(tokens.of({ ...app, tokenEndpoint: "https://127.0.0.1:8/token" })).not.toBe(token);
  expect(tokens.of({ ...app, serviceAccount: { ...serviceAccount, privateKey: "another" } })).not.toBe(token);
});
