import { type Environment, bundleIdOf } from "../../push/device.ts";
import type { ApnsCertificateCredentials } from "../config.ts";
import type { Report } from "../reading/report.ts";

// Warns of what Apple will refuse, according to its certificate:
// https://developer.apple.com/documentation/usernotifications/establishing-a-certificate-based-connection-to-apns

export function warnOfForeignTopic(
  section: object,
  { topics, file }: ApnsCertificateCredentials,
  topic: string,
  report: Report,
): void {
  if (topics.length === 0 || topics.map(bundleIdOf).includes(bundleIdOf(topic))) return;
  const message = `Apple will refuse ${topic}: the certificate in ${file} is for ${topics.join(", ")}`;
  report.warning(section, "topic", { message, mend: "correct the topic, or name the app's own certificate" });
}

const HOSTS = {
  production: "phones with the app from the App Store",
  sandbox: "phones with a development build (Apple's sandbox)",
} as const satisfies Record<Environment, string>;

export function warnOfMissingRights(
  section: object,
  { environments, file }: ApnsCertificateCredentials,
  needed: readonly Environment[],
  report: Report,
): void {
  if (environments.length === 0) return;
  for (const environment of needed.filter((wanted) => !environments.includes(wanted))) {
    report.warning(section, "certificate", {
      message: `Apple will refuse every push to ${HOSTS[environment]}: the certificate in ${file} is for ${environments.join(" and ")} alone`,
      mend: `have a certificate issued for ${environment}, or use a key (http2_jwt)`,
    });
  }
}

/** Applies if there is no separate certificate for calls. */
export function warnOfUnservedCalls(
  section: object,
  { topics, file }: ApnsCertificateCredentials,
  topic: string,
  report: Report,
): void {
  const wanted = `${bundleIdOf(topic)}.voip`;
  if (topics.length === 0 || topics.includes(wanted)) return;
  report.warning(section, "certificate", {
    message: `Apple will refuse calls: no certificate is for ${wanted}, the one in ${file} is for ${topics.join(", ")}`,
    mend: "name the app's VoIP Services Certificate in extra_instances (type: callkit), or use a key (http2_jwt)",
  });
}
