import type { Alarms } from "../gateway/alarms.ts";
import type { Clock } from "../gateway/clock.ts";
import type { PushProvider } from "../gateway/push-provider.ts";
import type { Sleep } from "../gateway/sleep.ts";
import type { DeviceTokens, Os, ProviderName } from "../push/device.ts";
import type { ExplainReason, Explanations } from "../push/explanations/explanation.ts";
import type { Finding } from "../push/finding.ts";
import type { Vendor } from "../push/vendor.ts";
import type { OutcomeRow } from "./outcome-row.ts";

/**
 * Everything that the gateway knows of one push service. Each folder of a provider exports one from `module.ts`, and
 * `registry.ts` lists them: nothing else names a provider. `App` is what the configuration says of one app.
 */
export interface ProviderModule<App extends object = object> {
  /** Name in the API, the store, metrics and the names of apps, such as `global/apns`. Never changed once released. */
  readonly name: ProviderName;
  readonly vendor: Vendor;
  /** Name of its phones in reports, in the plural after a number. */
  readonly phones: string;
  /** Most tokens that one phone has at a time. */
  readonly tokensPerPhone: number;
  /** Values of `pn-provider` for this service (RFC 8599 §10), as `Feature-Caps` states them. */
  readonly sipServices: readonly string[];
  /** Providers whose app reaches a device of this one if there is no app of its own, best first. */
  readonly substitutes: readonly ProviderName[];
  /** Returns the tokens of a device that an app registers. Throws a `GatewayError` that names a wrong field. */
  readDeviceFields(body: DeviceFields): DeviceTokens;
  /** Returns made-up fields of a device that only a simulator can reach. */
  inventDeviceFields(): Omit<DeviceFields, "provider">;
  /** Returns the URLs that pushes of an app are sent to. */
  listEndpoints(app: App): readonly string[];
  /** Describes an app for the operator, one line for each fact. */
  describeApp(app: App): readonly string[];
  /** Checks an app for `sip-pushd check`: its credentials, and the provider's answer to them. Reaches no real phone. */
  checkApp(app: App, deps: CheckAppDeps): Promise<readonly Finding[]>;
  /** Returns the certificates of an app, for metrics and alarms about their expiry. */
  listCertificates(app: App): readonly AppCertificate[];
  readonly answers: DocumentedAnswers;
  /** Explanations of the reasons in `answers`. */
  readonly explanations: Explanations;
  /** Creates an opener with the parts that its apps share, such as access tokens. */
  createOpener(deps: OpenerDeps): Opener<App>;
}

export interface CheckAppDeps {
  /** The app's name in alarms and reports, such as `global/apns`. */
  readonly name: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly explainReason: ExplainReason;
  /** True if an app of one of the `substitutes` is configured anywhere. */
  readonly hasSubstitute: boolean;
}

export interface AppCertificate {
  /** Label of the metric. */
  readonly kind: string;
  readonly file: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Documented refusals of the provider, for `docs/reference/provider-answers.md` and the metrics. */
export interface DocumentedAnswers {
  readonly title: string;
  /** A sentence for the reader of the table. */
  readonly note: string;
  /** The provider's page about its answers. */
  readonly page: string;
  readonly table: Readonly<Record<string, OutcomeRow>>;
}

export interface OpenerDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly alarms: Pick<Alarms, "raise" | "clear">;
}

/** Opens the apps of one provider. Shared parts, such as tokens, outlive the apps and end with the opener. */
export interface Opener<App extends object> extends Disposable {
  /** `name` is the app's in alarms and metrics. Connections are opened with the first push. */
  open(name: string, app: App): OpenedApp;
}

export interface OpenedApp {
  readonly provider: PushProvider;
  /** Called as soon as another app takes its place, or none. */
  leave(): void;
}

/** Fields of a registration that say where the phone is reached. */
export interface DeviceFields {
  readonly provider: ProviderName;
  readonly token?: string;
  /** Firebase installation id. */
  readonly fid?: string;
  readonly os?: Os;
  readonly tokens?: { readonly voip?: string; readonly remote?: string };
}
