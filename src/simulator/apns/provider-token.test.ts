import { sign as signBytes } from "node:crypto";
import { importPKCS8, SignJWT } from "jose";
import { expect, it } from "vitest";
import { createProviderTokenKey, type ProviderTokenKey } from "../credentials.ts";
import { createProviderTokens, type RegisteredKey } from "./provider-token.ts";

const NOW = 1_800_000_000_000;
const first = createProviderTokenKey({ keyId: "KEY0000001", teamId: "TEAM000001" });
const sameTeam = createProviderTokenKey({ keyId: "KEY0000002", teamId: "TEAM000001" });
const otherTeam = createProviderTokenKey({ keyId: "KEY0000003", teamId: "TEAM000002" });

it("keeps a connection to the team and the key of its first push", async () => {
  const tokens = createProviderTokens({
    keys: [first, sameTeam, otherTeam].map(register),
    environment: "production",
    now: () => NOW,
  });

  expect(await tokens.verify(await sign(first))).toMatchObject({ keyId: "KEY0000001" });
  expect(await tokens.verify(await sign(sameTeam))).toBe("UnrelatedKeyIdInToken");
  expect(await tokens.verify(await sign(otherTeam))).toBe("InvalidProviderToken");
  expect(await tokens.verify(await sign(first))).toMatchObject({ keyId: "KEY0000001" });
});

it("refuses the key of the other environment", async () => {
  const keys = [{ ...register(first), environments: ["sandbox" as const] }];
  const tokens = createProviderTokens({ keys, environment: "production", now: () => NOW });

  expect(await tokens.verify(await sign(first))).toBe("BadEnvironmentKeyIdInToken");
});

it("refuses every algorithm but ES256, and a token without its time of issue", async () => {
  const tokens = createProviderTokens({ keys: [register(first)], environment: "production", now: () => NOW });
  const hmac = await new SignJWT({ iss: first.teamId, iat: NOW / 1_000 })
    .setProtectedHeader({ alg: "HS256", kid: first.keyId })
    .sign(new Uint8Array(32));

  expect(await tokens.verify(`bearer ${hmac}`)).toBe("InvalidProviderToken");
  expect(await tokens.verify(await sign(first, {}))).toBe("InvalidProviderToken");
});

it.each([
  ["DER, as pushy and a2 sign", "der", "base64url"],
  ["plain base64 with its padding", "ieee-p1363", "base64"],
] as const)("takes a signature in %s", async (_what, dsaEncoding, encoding) => {
  const tokens = createProviderTokens({ keys: [register(first)], environment: "production", now: () => NOW });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString(encoding);
  const header = encode({ alg: "ES256", kid: first.keyId });
  const text = `${header}.${encode({ iss: first.teamId, iat: NOW / 1_000 })}`;
  const signature = signBytes("sha256", Buffer.from(text), { key: first.key, dsaEncoding }).toString(encoding);
  const forged = signBytes("sha256", Buffer.from(text), { key: otherTeam.key, dsaEncoding }).toString(encoding);

  expect(await tokens.verify(`bearer ${text}.${forged}`)).toBe("InvalidProviderToken");
  expect(await tokens.verify(`bearer ${text}.${signature}`)).toMatchObject({ keyId: first.keyId });
});

function register({ keyId, teamId, publicKey }: ProviderTokenKey): RegisteredKey {
  return { keyId, teamId, publicKey, environments: ["production", "sandbox"], bundleIds: ["org.example.phone"] };
}

// ECDSA signatures differ each time, so signing the same claims again would make a new token. One token per key is
// kept.
const signed = new Map<string, string>();

async function sign(key: ProviderTokenKey, claims: object = { iat: NOW / 1_000 }): Promise<string> {
  const id = `${key.keyId}${JSON.stringify(claims)}`;
  const jwt =
    signed.get(id) ??
    (await new SignJWT({ iss: key.teamId, ...claims })
      .setProtectedHeader({ alg: "ES256", kid: key.keyId })
      .sign(await importPKCS8(key.key, "ES256")));
  signed.set(id, jwt);
  return `bearer ${jwt}`;
}
