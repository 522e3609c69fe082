import { readDomain } from "../../push/address.ts";
import type { LauncherAppConfig, LauncherConfig } from "../launcher-config.ts";
import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import { readSecretSetting } from "../credentials/secret-setting.ts";
import { quote } from "../problem.ts";
import type { RawConfig, RawLauncher, RawSignUp } from "../schema/config-schema.ts";
import { STANDARD_LAUNCH_APP } from "../standard-launch-app.ts";
import { lookup } from "./lookup.ts";
import { readPlainUrl } from "./plain-url.ts";
import { resolveSignUp } from "./sign-up.ts";
import { isOwnPath } from "./own-paths.ts";
import { compact } from "../../push/compact.ts";

type RawApp = Omit<RawLauncher["domains"][number], "domain">;

/** Sections with one app's settings: its own, then the one that it inherits from. */
type Sections = readonly [RawApp, ...RawApp[]];

export function resolveLauncher(raw: RawConfig, deps: CredentialDeps): LauncherConfig | undefined {
  const { launcher } = raw;
  if (!launcher?.enable) return undefined;
  const seen = new Set<string>();
  const own = launcher.domains.flatMap((entry) => {
    const domain = readDomain(entry.domain);
    if (domain === undefined || seen.has(domain)) {
      const message = domain === undefined ? "expected a domain name" : `${domain} is given twice`;
      const found = quote(entry.domain);
      deps.report.error(entry, "domain", { message, found, mend: "write one entry for each domain" });
      return [];
    }
    seen.add(domain);
    return [resolveApp(domain, [entry, launcher], raw, deps)];
  });
  const apps = [...own, resolveApp(undefined, [launcher], raw, deps)];
  const signUp = launcher.sign_up?.enable ? resolveSignUp(launcher.sign_up, apps, deps) : undefined;
  if (launcher.sign_up !== undefined) checkSignUpPath(launcher.sign_up, apps, raw, deps);
  return compact({ linksPerMinute: launcher.links_per_minute, apps, signUp });
}

function resolveApp(
  domain: string | undefined,
  sections: Sections,
  raw: RawConfig,
  deps: CredentialDeps,
): LauncherAppConfig {
  const url = readUrl(sections, "url", deps);
  const apple = readUrl(sections, "app_store_url", deps);
  const google = readUrl(sections, "google_play_url", deps);
  return {
    domain,
    paths: readPaths(sections, raw, deps),
    scheme: readScheme(sections, deps),
    secret: { key: readKey(sections, deps), iv: lookup(sections, "iv")?.value ?? STANDARD_LAUNCH_APP.secret.iv },
    name: lookup(sections, "app_name")?.value ?? STANDARD_LAUNCH_APP.name,
    stores: compact({ apple, google }),
    ...compact({ url }),
  };
}

/** Schemes that a browser handles itself. A link with one would lead to another site, or run a script. */
const BROWSERS_OWN: ReadonlySet<string> = new Set(
  "http https ws wss ftp file data blob about javascript vbscript view-source filesystem mailto tel sms intent".split(
    " ",
  ),
);

function readScheme(sections: Sections, { report }: CredentialDeps): string {
  const given = lookup(sections, "scheme");
  if (given === undefined) return STANDARD_LAUNCH_APP.scheme;
  if (BROWSERS_OWN.has(given.value)) {
    const message = `${given.value}: is not an app's own scheme`;
    report.error(given.section, "scheme", { message, mend: "write the scheme that the app has registered for" });
  }
  return given.value;
}

const KEY = /^[!-~]{16}$/;

function readKey(sections: Sections, deps: CredentialDeps): string {
  const [home] = sections;
  const section = sections.find(({ key, key_file }) => key !== undefined || key_file !== undefined);
  const given =
    section === undefined
      ? undefined
      : readSecretSetting(section, "key", { value: section.key, file: section.key_file }, deps).value;
  if (section === undefined) warnOfStandardKey(sections.at(-1) ?? home, "key", deps);
  else if (given !== undefined && !KEY.test(given)) {
    deps.files.refuse(section, "key_file", {
      message: "expected 16 ASCII characters in the file",
      mend: "write the key that the app was built with into it",
    });
  } else if (given === STANDARD_LAUNCH_APP.secret.key)
    warnOfStandardKey(section, section.key === undefined ? "key_file" : "key", deps);
  return given ?? STANDARD_LAUNCH_APP.secret.key;
}

function warnOfStandardKey(section: RawApp, key: "key" | "key_file", { report }: CredentialDeps): void {
  report.warning(section, key, {
    message: "launch links use the handbook's standard key, which everybody knows: who sees a link reads the password",
    mend: "have the app built with a key of your own, and write it here",
  });
}

/** Default paths of dialects. */
const COMPAT = /^\/compat(?:\/|$)/;

function isTaken(path: string, raw: RawConfig): boolean {
  const dialects = Object.values(raw.dialects).flatMap(({ paths }) => paths);
  return isOwnPath(path) || COMPAT.test(path) || ["/push", ...dialects].map(withoutSlash).includes(path);
}

function checkSignUpPath(
  signUp: RawSignUp,
  apps: readonly LauncherAppConfig[],
  raw: RawConfig,
  { report }: CredentialDeps,
): void {
  const isLaunchPath = (path: string): boolean => apps.some(({ paths }) => paths.includes(path));
  const own = [signUp.path, `${signUp.path}/code`];
  if (!own.some((path) => isTaken(path, raw) || isLaunchPath(path))) return;
  const message = "the gateway has another use for it";
  report.error(signUp, "path", { message, found: quote(signUp.path), mend: "write another one, e.g. /signup" });
}

function readPaths(sections: Sections, raw: RawConfig, { report }: CredentialDeps): readonly string[] {
  const given = lookup(sections, "paths");
  if (given === undefined) return STANDARD_LAUNCH_APP.paths;
  for (const path of given.value) {
    if (!isTaken(path, raw)) continue;
    const mend = `write another one, e.g. ${STANDARD_LAUNCH_APP.paths[0]}`;
    report.error(given.section, "paths", { message: "the gateway has another use for it", found: quote(path), mend });
  }
  return [...new Set(given.value)];
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, "");
}

function readUrl(
  sections: Sections,
  key: "url" | "app_store_url" | "google_play_url",
  deps: CredentialDeps,
): string | undefined {
  const given = lookup(sections, key);
  return given && readPlainUrl(given.section, key, given.value, deps, { withoutQuery: key === "url" });
}
