import type { NGCP_PLAIN, SIGN_UP_PLAIN } from "./schema/sign-up.ts";
import type { Resolved } from "./schema/target.ts";

/** The form for new customers of NGCP. */
export interface SignUpConfig extends Resolved<typeof SIGN_UP_PLAIN> {
  readonly domain: string;
  /** Two-letter codes; all countries if absent. */
  readonly allowedCountries?: readonly string[];
  readonly secret: string;
  readonly termsUrl?: string;
  readonly privacyUrl?: string;
  readonly ngcp: NgcpConfig;
  /** Channel that is verified. */
  readonly channel: ({ readonly kind: "smtp" } & SmtpConfig) | ({ readonly kind: "sms" } & SmsConfig);
}

interface LoginConfig {
  readonly user: string;
  readonly password: string;
}

export interface NgcpConfig extends Resolved<typeof NGCP_PLAIN> {
  readonly url: string;
  readonly login?: LoginConfig;
  /** PEM. */
  readonly tls: {
    readonly ca?: string;
    readonly certificate?: string;
    readonly key?: string;
    readonly passphrase?: string;
  };
}

export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  readonly implicitTls: boolean;
  readonly plain: boolean;
  readonly login?: LoginConfig;
  readonly from: string;
  readonly ca?: string;
}

export interface SmsConfig {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly contentType: "application/json" | "application/x-www-form-urlencoded" | "text/plain";
  readonly body: string;
  readonly authorization?: string;
  readonly tls: { readonly ca?: string };
}

export interface LauncherConfig {
  readonly signUp?: SignUpConfig;
  readonly linksPerMinute: number;
  /** Apps of single domains first; the one without a domain is last. */
  readonly apps: readonly LauncherAppConfig[];
}

/** How to make and open launch links of one domain. */
export interface LauncherAppConfig {
  /** Undefined for every domain without an entry of its own. */
  readonly domain: string | undefined;
  readonly paths: readonly string[];
  readonly scheme: string;
  readonly secret: { readonly key: string; readonly iv: string };
  readonly name: string;
  /** Address of the launch handler in links that are sent, without a query. */
  readonly url?: string;
  readonly stores: { readonly apple?: string; readonly google?: string };
}
