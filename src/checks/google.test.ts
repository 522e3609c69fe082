import { expect, it } from "vitest";
import type { Outcome } from "../push/outcome.ts";
import { createGoogleCheck, type LegacyGoogleApp } from "./google.ts";

function check(outcome?: Outcome, legacy: readonly LegacyGoogleApp[] = []) {
  const app = { name: "global/fcm", clientEmail: "push@p.example", projectId: "p" };
  const apps = outcome === undefined ? [] : [{ ...app, probe: async () => outcome }];
  return createGoogleCheck({ apps, legacy }).run(AbortSignal.timeout(5_000));
}

const LEGACY = { name: "global/gcm", endpoint: "https://fcm.googleapis.com/fcm/send" };

it.each([
  [
    { kind: "delivered", providerMessageId: "fake" },
    "ok",
    "takes the service account push@p.example, and project p answers (validate_only).",
  ],
  [{ kind: "rejected", reason: "INVALID_ARGUMENT", suspect: "token" }, "ok", "(INVALID_ARGUMENT for a made-up token)."],
  [{ kind: "unregistered", reason: "UNREGISTERED" }, "ok", "(UNREGISTERED for a made-up token)."],
  [
    { kind: "rejected", reason: "INVALID_ARGUMENT", suspect: "push" },
    "failed",
    "refuses the message: INVALID_ARGUMENT.",
  ],
  [
    { kind: "misconfigured", reason: "PERMISSION_DENIED" },
    "failed",
    "refuses the service account push@p.example or project p",
  ],
  [{ kind: "deferred", reason: "oauth_unavailable" }, "failed", "did not answer: oauth_unavailable."],
] as const)("takes %j for %s", async (outcome, verdict, what) => {
  expect(await check(outcome)).toMatchObject([{ verdict, what: expect.stringContaining(what) }]);
});

it("says that a legacy key is switched off, and what to do", async () => {
  expect(await check(undefined, [LEGACY])).toMatchObject([
    { verdict: "failed", mend: expect.stringContaining("fcm.service_account") },
  ]);
  expect((await check({ kind: "delivered", providerMessageId: "fake" }, [LEGACY]))[1]).toMatchObject({
    verdict: "warning",
    mend: "Remove gcm.key: fcm.service_account is in use.",
  });
});

it("lets a server key be for a server of one's own", async () => {
  expect(await check(undefined, [{ ...LEGACY, endpoint: "https://push.example.org/gcm" }])).toMatchObject([
    { verdict: "ok" },
  ]);
});

it("has nothing to say where there is no app", async () => {
  expect(await check()).toMatchObject([{ verdict: "skipped" }]);
});
