import type { Environment } from "../push/device.ts";
import { explainReason } from "../providers/explain-reason.ts";
import type { Outcome } from "../push/outcome.ts";
import { failed, ok, skipped, warning, type Check, type Finding } from "./check.ts";

export interface AppleCertificate {
  readonly file: string;
  readonly topics: readonly string[];
  /** Empty if the certificate names none. */
  readonly environments: readonly Environment[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** One of Apple's services for an app's credentials. */
export interface AppleService {
  readonly environment: Environment;
  /** True for separate credentials for calls. */
  readonly forCalls: boolean;
  /** `https://host:port` */
  readonly origin: string;
  /** Sends a push to a token that no phone has. */
  readonly probe: (signal: AbortSignal) => Promise<Outcome>;
}

export interface AppleApp {
  /** Such as `global/apns`. */
  readonly name: string;
  /** Bundle id. */
  readonly topic: string;
  readonly credentials:
    | { readonly kind: "certificate"; readonly certificates: readonly AppleCertificate[] }
    | { readonly kind: "token"; readonly keyId: string; readonly teamId: string };
  readonly services: readonly AppleService[];
}

export interface AppleCheckInput {
  readonly apps: readonly AppleApp[];
  readonly now: number;
}

const DAY_MS = 86_400_000;
const WARN_BEFORE_DAYS = 30;
const RENEW = "Request a new one: sip-pushd cert csr, then sip-pushd cert import.";

export function createAppleCheck({ apps, now }: AppleCheckInput): Check {
  return {
    name: "apple",
    title: "Apple",
    async run(signal) {
      if (apps.length === 0) return [skipped("No app is configured at Apple.")];
      const findings = await Promise.all(apps.map((app) => checkApp(app, now, signal)));
      return findings.flat();
    },
  };
}

async function checkApp(app: AppleApp, now: number, signal: AbortSignal): Promise<Finding[]> {
  const { name, credentials, services } = app;
  const stated =
    credentials.kind === "token"
      ? [ok(`${name}: key ${credentials.keyId} of team ${credentials.teamId}, topic ${app.topic}`)]
      : [
          ...credentials.certificates.map((one) => checkExpiry(name, one, now)),
          ...checkTopics(app, credentials.certificates),
        ];
  const answers = await Promise.all(services.map((service) => checkService(app, service, signal)));
  return [...stated, ...judgeServices(app, answers)];
}

function checkExpiry(name: string, { file, expiresAt, topics, environments }: AppleCertificate, now: number): Finding {
  const until = new Date(expiresAt).toISOString().slice(0, 10);
  const days = Math.floor((expiresAt - now) / DAY_MS);
  if (days < 0) return failed(`${name}: the certificate in ${file} expired on ${until}.`, RENEW);
  if (days < WARN_BEFORE_DAYS) {
    return warning(`${name}: the certificate in ${file} expires on ${until}, in ${days} days.`, RENEW);
  }
  const where = environments.length === 0 ? "" : `, ${environments.join(" and ")}`;
  return ok(`${name}: the certificate in ${file} is valid until ${until}, for ${topics.join(", ")}${where}.`);
}

function checkTopics({ name, topic }: AppleApp, certificates: readonly AppleCertificate[]): Finding[] {
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

interface ServiceAnswer {
  readonly service: AppleService;
  readonly finding: Finding;
}

async function checkService(app: AppleApp, service: AppleService, signal: AbortSignal): Promise<ServiceAnswer> {
  return { service, finding: readAnswer(app, service, await service.probe(signal)) };
}

function readAnswer({ name }: AppleApp, { environment, forCalls, origin }: AppleService, outcome: Outcome): Finding {
  const where = `${name}, ${environment}${forCalls ? " for calls" : ""} (${origin.replace("https://", "")})`;
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
      return explained(`${where} refuses the push`, outcome.reason);
    case "deferred":
      return explained(`${where} did not answer`, outcome.reason);
    case "misconfigured":
      return explained(`${where} refuses the credentials`, outcome.reason);
  }
}

function explained(what: string, reason: string): Finding {
  const { meaning, whatToDo } = explainReason(reason);
  return failed(`${what}: ${reason}. ${meaning}`, whatToDo);
}

/** Credentials for only one of the two services are correct; production is the one that counts. */
function judgeServices({ credentials }: AppleApp, answers: readonly ServiceAnswer[]): Finding[] {
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
