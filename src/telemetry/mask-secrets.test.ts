import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../../test/fixtures/builders.ts";
import { maskSecrets } from "./mask-secrets.ts";

const PEM =
  "-----BEGIN PRIVATE KEY-----\nMIGTAgEAMBMGByqGSM49/AgEGCCqGSM49\nAwEHBHkwdwIBAQQg\n-----END PRIVATE KEY-----";

it.each([
  ["an APNs token", IPHONE_TOKENS.voip],
  ["an FCM token", ANDROID_TOKEN],
  [
    "a JSON Web Token",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IkFCQzEyMyJ9.eyJpc3MiOiJURUFNMTIzNDU2In0.c2lnbmF0dXJlMTIzNDU2Nzg5MGFiY2RlZg",
  ],
  ["a PEM key", PEM],
  ["a PEM key cut off", PEM.slice(0, 60)],
  ["a bearer", "Bearer short-secret"],
  ["a legacy server key", "key=AIzaShort"],
  ["a password in a URL", "redis://:hunter2@"],
])("hides %s in a sentence", (_, secret) => {
  const masked = maskSecrets(`Could not use ${secret} for this.`);

  expect(masked).not.toContain(secret);
  expect(masked).toMatch(/^Could not use /);
});

it("hides every hexadecimal token, wherever it stands", () => {
  const token = fc.stringMatching(/^[0-9a-f]{64,200}$/).filter((text) => /\d/.test(text));

  fc.assert(
    fc.property(fc.lorem(), token, fc.lorem(), (before, secret, after) => {
      expect(maskSecrets(`${before} ${secret} ${after}`)).not.toContain(secret);
    }),
  );
});

it.each([
  "BadEnvironmentKeyIdInToken",
  "THIRD_PARTY_AUTH_ERROR",
  "0f4c9a52-3d6e-4a53-9d1e-6a1d4b7f1c11",
  "ENOENT: no such file or directory, open '/etc/sip-pushd/keys/AuthKey_ABC1234567.p8'",
  "connect ECONNREFUSED 127.0.0.1:6379",
  "Set modules.mod_push.endpoint to https://push.example.org:45060/push.",
])("leaves what an operator needs: %s", (text) => {
  expect(maskSecrets(text)).toBe(text);
});
