import { randomInt, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { LauncherAppConfig, LauncherConfig, SignUpConfig } from "../config/launcher-config.ts";
import type { Clock } from "../gateway/clock.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { Sleep } from "../gateway/sleep.ts";
import { findApp } from "../launcher/launch-app.ts";
import { createAccounts } from "../launcher/sign-up/accounts.ts";
import { createFormGuard } from "../launcher/sign-up/form-guard.ts";
import { createMailer } from "../launcher/sign-up/mailer.ts";
import { createMailMessenger, createSmsMessenger, type Messenger } from "../launcher/sign-up/messenger.ts";
import { createNgcpApi } from "../launcher/sign-up/ngcp-api.ts";
import { createSignUpSecrets } from "../launcher/sign-up/secrets.ts";
import type { SignUpService } from "../launcher/sign-up/sign-up-routes.ts";
import { createSignUp } from "../launcher/sign-up/sign-up.ts";
import { createSmsSender } from "../launcher/sign-up/sms-gateway.ts";
import { compact } from "../push/compact.ts";

export interface SignUpServiceDeps {
  readonly events: Pick<GatewayEvents, "signUp">;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** Creates the sign-up of the configuration in force. An unchanged one keeps its counts of guesses and codes. */
export function createSignUpServices(
  deps: SignUpServiceDeps,
): (launcher: LauncherConfig | undefined) => SignUpService | undefined {
  let last: { readonly launcher: LauncherConfig | undefined; readonly desk: SignUpService | undefined } | undefined;
  return (launcher) => {
    if (last === undefined || !isDeepStrictEqual(last.launcher, launcher)) {
      last = { launcher, desk: buildDesk(launcher, deps) };
    }
    return last.desk;
  };
}

function buildDesk(launcher: LauncherConfig | undefined, deps: SignUpServiceDeps): SignUpService | undefined {
  const signUp = launcher?.signUp;
  const app = signUp && findApp(launcher?.apps ?? [], signUp.domain);
  // The configuration guarantees that links have a target.
  if (signUp === undefined || app?.url === undefined) return undefined;
  const { domain, verify, countryCode, allowedCountries, signUpsPerHour, codesPerHour, termsUrl, privacyUrl } = signUp;
  const secrets = createSignUpSecrets(signUp.secret);
  const accounts = createAccounts({
    api: createNgcpApi(signUp.ngcp),
    settings: { domain, ...signUp.ngcp },
    sleep: deps.sleep,
  });
  return {
    signUp: createSignUp({
      ...deps,
      secrets,
      accounts,
      messenger: createMessenger(signUp, app),
      settings: { verify, domain, url: app.url, linkSecret: app.secret, signUpsPerHour, codesPerHour },
      newCode: () => String(randomInt(1_000_000)).padStart(6, "0"),
      newId: randomUUID,
    }),
    guard: createFormGuard(secrets),
    rules: { verify, countryCode, allowedCountries },
    look: compact({
      appName: app.name,
      termsUrl,
      privacyUrl,
    }),
  };
}

function createMessenger({ channel }: SignUpConfig, { name }: LauncherAppConfig): Messenger {
  if (channel.kind === "sms") return createSmsMessenger(createSmsSender(channel), name);
  const from = { name, address: channel.from };
  return createMailMessenger(createMailer({ ...channel, from }), name);
}
