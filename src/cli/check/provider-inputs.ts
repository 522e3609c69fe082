import { probeApns, probeFcm, type ApnsProbe } from "../../app/probe-apps.ts";
import type { AppleApp, AppleCertificate, AppleService } from "../../checks/apple.ts";
import type { GoogleApp, GoogleCheckInput } from "../../checks/google.ts";
import type {
  ApnsAppConfig,
  ApnsCertificateCredentials,
  AppsConfig,
  Config,
  FcmAppConfig,
} from "../../config/config.ts";
import { ENVIRONMENTS, type Environment } from "../../push/device.ts";

type Owner = readonly [name: string, apps: AppsConfig];

function listOwners({ apps, domains }: Config): Owner[] {
  return [["global", apps], ...domains.map(({ domain, apps: own }): Owner => [domain, own])];
}

export function listAppleApps(config: Config): AppleApp[] {
  return listOwners(config).flatMap(([owner, { apns }]) => (apns === undefined ? [] : [toAppleApp(owner, apns)]));
}

function toAppleApp(owner: string, app: ApnsAppConfig): AppleApp {
  const { credentials, topic } = app;
  return {
    name: `${owner}/apns`,
    topic,
    credentials:
      credentials.kind === "token"
        ? { kind: "token", keyId: credentials.keyId, teamId: credentials.teamId }
        : { kind: "certificate", certificates: listCertificates(app, credentials) },
    services: listServices(app),
  };
}

function listCertificates({ voipCredentials }: ApnsAppConfig, own: ApnsCertificateCredentials): AppleCertificate[] {
  return voipCredentials === undefined ? [own] : [own, voipCredentials];
}

/**
 * Returns both of Apple's services, or only one if both have the same address; in addition those for calls if they have
 * separate credentials.
 */
function listServices(app: ApnsAppConfig): AppleService[] {
  const { origins, credentials, voipCredentials } = app;
  const environments = origins.production === origins.sandbox ? [readEnvironment(origins.sandbox)] : ENVIRONMENTS;
  const kinds = credentials.kind === "certificate" && voipCredentials !== undefined ? KINDS : KINDS.slice(0, 1);
  return environments.flatMap((environment) =>
    kinds.map((tokenKind) => ({
      environment,
      forCalls: tokenKind === "voip",
      origin: origins[environment],
      probe: (signal: AbortSignal) => probeApns(app, { environment, tokenKind }, Date.now, signal),
    })),
  );
}

const KINDS: readonly ApnsProbe["tokenKind"][] = ["remote", "voip"];

function readEnvironment(origin: string): Environment {
  return /sandbox|development/.test(origin) ? "sandbox" : "production";
}

export function listGoogleApps(config: Config): Pick<GoogleCheckInput, "apps" | "legacy"> {
  const owners = listOwners(config);
  return {
    apps: owners.flatMap(([owner, { fcm }]) => (fcm === undefined ? [] : [toGoogleApp(owner, fcm)])),
    legacy: owners.flatMap(([owner, { gcm }]) =>
      gcm === undefined ? [] : [{ name: `${owner}/gcm`, endpoint: gcm.endpoint }],
    ),
  };
}

function toGoogleApp(owner: string, app: FcmAppConfig): GoogleApp {
  const { clientEmail, projectId } = app.serviceAccount;
  const probe = (signal: AbortSignal) => probeFcm(app, Date.now, signal);
  return { name: `${owner}/fcm`, clientEmail, projectId, probe };
}
