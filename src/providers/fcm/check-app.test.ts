import { expect, it } from "vitest";
import type { Outcome } from "../../push/outcome.ts";
import { explainReason } from "../explain-reason.ts";
import { checkApp } from "./check-app.ts";
import type { FcmApp } from "./provider.ts";

const APP: FcmApp = {
  serviceAccount: { clientEmail: "push@p.example", projectId: "p", privateKey: "PEM" },
  origin: "https://fcm.example",
  tokenEndpoint: "https://oauth.example/token",
  priority: {},
};

function check(outcome: Outcome) {
  const signal = AbortSignal.timeout(5_000);
  const deps = { name: "global/fcm", clock: Date.now, signal, explainReason, hasSubstitute: false };
  return checkApp(APP, deps, async () => outcome);
}

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
