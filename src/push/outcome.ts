import type { Environment } from "./device.ts";

/** How one attempt to hand a push to a provider ended. */
export type Outcome =
  | {
      readonly kind: "delivered";
      readonly providerMessageId: string;
      /** Token to use from now on instead of the one used. */
      readonly replacementToken?: string;
      /** Environment that accepted the push, if it is not the device's registered one. */
      readonly environment?: Environment;
    }
  /** The token is dead. It may be forgotten if it was registered before `deadSince` (epoch milliseconds). */
  | { readonly kind: "unregistered"; readonly reason: string; readonly deadSince?: number }
  /** This push was refused; sending it again cannot help. */
  | { readonly kind: "rejected"; readonly reason: string; readonly suspect?: Suspect }
  /** The provider was busy or could not be reached; another attempt may succeed. */
  | {
      readonly kind: "deferred";
      readonly reason: string;
      readonly retryAfterMs?: number;
      /** Extent of the trouble, if the provider states it: this device only, or every push of the app. */
      readonly scope?: "device" | "app";
      /** The provider itself has failed (500, 503) and asks for longer pauses than a lost connection needs. */
      readonly busy?: true;
    }
  /**
   * The gateway's credentials or settings are wrong. An operator has to act, and further attempts make sense for a
   * while. `device`: the fault concerns only this device and is permanent.
   */
  | { readonly kind: "misconfigured"; readonly reason: string; readonly scope?: "device" };

export type OutcomeKind = Outcome["kind"];

/**
 * The probable cause of a refusal. `token`: the token may be dead, or belong to another app or environment. For one
 * device it is the token; for many at once it is the gateway's settings. `push`: its content or the request.
 */
export type Suspect = "token" | "push";
