import type { ExplainReason } from "../../push/explanations/explanation.ts";
import { failed, ok, type Finding } from "../../push/finding.ts";
import type { Outcome } from "../../push/outcome.ts";
import type { CheckAppDeps } from "../provider-module.ts";
import { probeFcm } from "./probe.ts";
import type { FcmApp } from "./provider.ts";

/** Asks Google. `probe` has it validate a message without sending it (`validate_only`). */
export async function checkApp(
  app: FcmApp,
  { name, clock, signal, explainReason }: CheckAppDeps,
  probe: typeof probeFcm = probeFcm,
): Promise<Finding[]> {
  return [readAnswer(name, app, await probe(app, clock, signal), explainReason)];
}

function readAnswer(name: string, { serviceAccount }: FcmApp, outcome: Outcome, explainReason: ExplainReason): Finding {
  const { clientEmail, projectId } = serviceAccount;
  const taken = `${name}: Google takes the service account ${clientEmail}, and project ${projectId} answers`;
  const explained = (what: string, reason: string): Finding => {
    const { meaning, whatToDo } = explainReason(reason);
    return failed(`${name}: ${what}: ${reason}. ${meaning}`, whatToDo);
  };
  switch (outcome.kind) {
    case "delivered":
      return ok(`${taken} (validate_only).`);
    case "unregistered":
      return ok(`${taken} (${outcome.reason} for a made-up token).`);
    case "rejected":
      if (outcome.suspect === "token") return ok(`${taken} (${outcome.reason} for a made-up token).`);
      return explained(`project ${projectId} refuses the message`, outcome.reason);
    case "deferred":
      return explained("Google did not answer", outcome.reason);
    case "misconfigured":
      return explained(`Google refuses the service account ${clientEmail} or project ${projectId}`, outcome.reason);
  }
}
