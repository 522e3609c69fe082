import { expect, it } from "vitest";
import { holdsSecrets } from "./secret-settings.ts";

it.each([
  ["auth: {keys: [{name: proxy, key: 0123456789abcdef}]}", true],
  ["auth: {keys: [0123456789abcdef]}", true],
  ["gcm: {key: AIza}", true],
  ["apns: {key_passphrase: secret}", true],
  ["domains: [{domain: a, fcm: {key: AIza}}]", true],
  ["pushd: {gcm: {key: AIza}}", true],
  ["auth: {keys: [{name: proxy, key_file: proxy.key}]}", false],
  ["apns: {certificate: a.pem, key: b.pem}", false],
  ["apns: {key_passphrase: ''}", false],
  ["", false],
])("of %j: %s", (text, expected) => {
  expect(holdsSecrets(text)).toBe(expected);
});
