import { explainReason } from "../providers/explain-reason.ts";
import type { Outcome } from "../push/outcome.ts";
import { failed, ok, skipped, warning, type Check, type Finding } from "./check.ts";

/** An app at FCM. */
export interface GoogleApp {
  /** Such as `global/fcm`. */
  readonly name: string;
  readonly clientEmail: string;
  readonly projectId: string;
  /** Has Google validate a message without sending it (`validate_only`). */
  readonly probe: (signal: AbortSignal) => Promise<Outcome>;
}

/** An app that uses a legacy server key. */
export interface LegacyGoogleApp {
  readonly name: string;
  readonly endpoint: string;
}

export interface GoogleCheckInput {
  readonly apps: readonly GoogleApp[];
  readonly legacy: readonly LegacyGoogleApp[];
}

/** https://firebase.google.com/support/faq#deprecated-api-shutdown */
const SWITCHED_OFF = /^https:\/\/(?:fcm|gcm-http|android)\.googleapis\.com/;

export function createGoogleCheck({ apps, legacy }: GoogleCheckInput): Check {
  return {
    name: "google",
    title: "Google",
    async run(signal) {
      if (apps.length + legacy.length === 0) return [skipped("No app is configured at Google.")];
      const answers = await Promise.all(apps.map(async (app) => readAnswer(app, await app.probe(signal))));
      return [...answers, ...legacy.map((app) => checkLegacy(app, apps.length > 0))];
    },
  };
}

function readAnswer({ name, clientEmail, projectId }: GoogleApp, outcome: Outcome): Finding {
  const taken = `${name}: Google takes the service account ${clientEmail}, and project ${projectId} answers`;
  switch (outcome.kind) {
    case "delivered":
      return ok(`${taken} (validate_only).`);
    case "unregistered":
      return ok(`${taken} (${outcome.reason} for a made-up token).`);
    case "rejected":
      if (outcome.suspect === "token") return ok(`${taken} (${outcome.reason} for a made-up token).`);
      return explained(`${name}: project ${projectId} refuses the message`, outcome.reason);
    case "deferred":
      return explained(`${name}: Google did not answer`, outcome.reason);
    case "misconfigured":
      return explained(
        `${name}: Google refuses the service account ${clientEmail} or project ${projectId}`,
        outcome.reason,
      );
  }
}

function explained(what: string, reason: string): Finding {
  const { meaning, whatToDo } = explainReason(reason);
  return failed(`${what}: ${reason}. ${meaning}`, whatToDo);
}

function checkLegacy({ name, endpoint }: LegacyGoogleApp, hasSuccessor: boolean): Finding {
  if (!SWITCHED_OFF.test(endpoint)) return ok(`${name}: a server key for ${endpoint}, which is not Google's own.`);
  const what = `${name}: a legacy server key. Google switched this protocol off in 2024: no push goes through it.`;
  const mend =
    "Download a service account (Firebase console, Project settings, Service accounts) and name it in fcm.service_account.";
  return hasSuccessor ? warning(what, "Remove gcm.key: fcm.service_account is in use.") : failed(what, mend);
}
