import { ENVIRONMENTS, type Environment } from "../../push/device.ts";
import type { ExplainReason } from "../../push/explanations/explanation.ts";
import { failed, ok, skipped, warning, type Finding } from "../../push/finding.ts";
import type { Outcome } from "../../push/outcome.ts";
import type { CheckAppDeps } from "../provider-module.ts";
import type { ConfiguredApnsApp, ConfiguredCertificate } from "./configured-app.ts";
import { probeApns, type ApnsProbe } from "./probe.ts";

const DAY_MS = 86_400_000;
const WARN_BEFORE_DAYS = 30;
const RENEW = "Request a new one: sip-pushd cert csr, then sip-pushd cert import.";

/** Compares the certificates with clock and topic, and asks Apple's services. `probe` sends to a token that no phone has. */
export async function checkApp(
  app: ConfiguredApnsApp,
  deps: CheckAppDeps,
  probe: typeof probeApns = probeApns,
): Promise<Finding[]> {
  const { name, clock, signal } = deps;
  const answers = listServices(app).map(async (service) => {
    const outcome = await probe(app, service, clock, signal);
    return { service, finding: readAnswer(app, service, outcome, deps) };
  });
  return [...describeCredentials(name, app, clock()), ...judgeServices(app, await Promise.all(answers))];
}

function describeCredentials(name: string, app: ConfiguredApnsApp, now: number): Finding[] {
  const { credentials, voipCredentials, topic } = app;
  if (credentials.kind === "token") {
    return [ok(`${name}: key ${credentials.keyId} of team ${credentials.teamId}, topic ${topic}`)];
  }
  const certificates = voipCredentials === undefined ? [credentials] : [credentials, voipCredentials];
  return [
    ...certificates.map((certificate) => checkExpiry(name, certificate, now)),
    ...checkTopics(name, topic, certificates),
  ];
}

function checkExpiry(name: string, certificate: ConfiguredCertificate, now: number): Finding {
  const { file, expiresAt, topics, environments } = certificate;
  const until = new Date(expiresAt).toISOString().slice(0, 10);
  const days = Math.floor((expiresAt - now) / DAY_MS);
  if (days < 0) return failed(`${name}: the certificate in ${file} expired on ${until}.`, RENEW);
  if (days < WARN_BEFORE_DAYS) {
    return warning(`${name}: the certificate in ${file} expires on ${until}, in ${days} days.`, RENEW);
  }
  const where = environments.length === 0 ? "" : `, ${environments.join(" and ")}`;
  return ok(`${name}: the certificate in ${file} is valid until ${until}, for ${topics.join(", ")}${where}.`);
}

function checkTopics(name: string, topic: string, certificates: readonly ConfiguredCertificate[]): Finding[] {
  const served = new Set(certificates.flatMap(({ topics }) => topics));
  if (served.size === 0) return [];
  const calls = `${topic}.voip`;
  const byCertificate = "Name the certificate of the right app, or correct apns.topic.";
  if (!served.has(topic) && !served.has(calls)) {
    return [
      failed(`${name}: the topic is ${topic}, and the certificates are for ${[...served].join(", ")}.`, byCertificate),
    ];
  }
  if (served.has(calls)) return [];
  const mend = "Request a certificate for the VoIP topic too, or name a separate one in apns.extra_instances.";
  return [warning(`${name}: no certificate is for ${calls}: calls will not wake phones.`, mend)];
}

/**
 * Returns both of Apple's services, or only one if both have the same address; in addition those for calls if they have
 * separate credentials.
 */
function listServices({ origins, credentials, voipCredentials }: ConfiguredApnsApp): ApnsProbe[] {
  const environments = origins.production === origins.sandbox ? [readEnvironment(origins.sandbox)] : ENVIRONMENTS;
  const kinds = credentials.kind === "certificate" && voipCredentials !== undefined ? KINDS : KINDS.slice(0, 1);
  return environments.flatMap((environment) => kinds.map((tokenKind) => ({ environment, tokenKind })));
}

const KINDS: readonly ApnsProbe["tokenKind"][] = ["remote", "voip"];

function readEnvironment(origin: string): Environment {
  return /sandbox|development/.test(origin) ? "sandbox" : "production";
}

interface ReadingDeps {
  readonly name: string;
  readonly explainReason: ExplainReason;
}

function readAnswer(
  { origins }: ConfiguredApnsApp,
  { environment, tokenKind }: ApnsProbe,
  outcome: Outcome,
  { name, explainReason }: ReadingDeps,
): Finding {
  const forCalls = tokenKind === "voip" ? " for calls" : "";
  const where = `${name}, ${environment}${forCalls} (${origins[environment].replace("https://", "")})`;
  const explained = (what: string, reason: string): Finding => {
    const { meaning, whatToDo } = explainReason(reason);
    return failed(`${where} ${what}: ${reason}. ${meaning}`, whatToDo);
  };
  switch (outcome.kind) {
    case "delivered": {
      const mend = "Apple would not: see what answers at apns.endpoint.";
      return warning(`${where} takes a push for a token that no phone has.`, mend);
    }
    case "unregistered":
      return ok(`${where} takes the credentials.`);
    case "rejected":
      if (outcome.suspect === "token")
        return ok(`${where} takes the credentials (${outcome.reason} for a made-up token).`);
      return explained("refuses the push", outcome.reason);
    case "deferred":
      return explained("did not answer", outcome.reason);
    case "misconfigured":
      return explained("refuses the credentials", outcome.reason);
  }
}

interface ServiceAnswer {
  readonly service: ApnsProbe;
  readonly finding: Finding;
}

/** Credentials for only one of the two services are correct; production is the one that counts. */
function judgeServices({ credentials }: ConfiguredApnsApp, answers: readonly ServiceAnswer[]): Finding[] {
  const works = answers.some(({ finding }) => finding.verdict === "ok");
  return answers.map(({ service, finding }) => {
    const isRefused = finding.verdict === "failed" && /Bad(?:Environment|CertificateEnvironment)/.test(finding.what);
    if (!isRefused || !works) return finding;
    const what = credentials.kind === "token" ? "key" : "certificate";
    return service.environment === "sandbox"
      ? skipped(`The ${what} is not for the sandbox: apps from Xcode get no push.`)
      : warning(
          `The ${what} is for the sandbox alone: apps from the App Store get no push.`,
          "Get one for production.",
        );
  });
}
