/** How one attempt to hand a push to a provider ended. */
export type Outcome =
  | { readonly kind: "delivered"; readonly providerMessageId: string; readonly replacementToken?: string }
  /** The token is dead; it may be forgotten if it was registered before `deadSince` (epoch milliseconds). */
  | { readonly kind: "unregistered"; readonly reason: string; readonly deadSince?: number }
  /** This push was refused; sending it again cannot help. */
  | { readonly kind: "rejected"; readonly reason: string }
  /** The provider was busy or out of reach; worth another attempt. */
  | { readonly kind: "deferred"; readonly reason: string; readonly retryAfterMs?: number }
  /** Our credentials or settings are wrong: an operator has to act. */
  | { readonly kind: "misconfigured"; readonly reason: string };

export type OutcomeKind = Outcome["kind"];
