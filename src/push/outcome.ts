import type { Environment } from "./device.ts";

/** How one attempt to hand a push to a provider ended. */
export type Outcome =
  | {
      readonly kind: "delivered";
      readonly providerMessageId: string;
      /** The provider wants this token to be used in place of the one that was sent to. */
      readonly replacementToken?: string;
      /** The environment that took it, where that is not the one that the device was registered with. */
      readonly environment?: Environment;
    }
  /** The token is dead; it may be forgotten if it was registered before `deadSince` (epoch milliseconds). */
  | { readonly kind: "unregistered"; readonly reason: string; readonly deadSince?: number }
  /** This push was refused; sending it again cannot help. */
  | { readonly kind: "rejected"; readonly reason: string; readonly suspect?: Suspect }
  /** The provider was busy or out of reach; worth another attempt. */
  | {
      readonly kind: "deferred";
      readonly reason: string;
      readonly retryAfterMs?: number;
      /** Whom the trouble concerns, where the provider said it: this device alone, or every push of the app. */
      readonly scope?: "device" | "app";
      /** The provider itself is in trouble (500, 503), and asks for longer pauses than a lost connection needs. */
      readonly busy?: true;
    }
  /**
   * Our credentials or settings are wrong: an operator has to act, and a push is worth further attempts for a while. `device`: what is
   * wrong concerns this device alone, and stays so.
   */
  | { readonly kind: "misconfigured"; readonly reason: string; readonly scope?: "device" };

export type OutcomeKind = Outcome["kind"];

/**
 * What a refusal speaks against. `token`: perhaps dead, perhaps another app's or environment's: for one device it is the
 * token, for many at once it is our settings. `push`: its content or our request.
 */
export type Suspect = "token" | "push";
