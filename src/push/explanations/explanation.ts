import type { Vendor } from "../vendor.ts";

/** Explanation of a reason for the person who has to fix it, one sentence per member. */
export interface Explanation {
  readonly meaning: string;
  readonly likelyCause: string;
  readonly whatToDo: string;
}

export type Explanations = Readonly<Record<string, Explanation>>;

/** Returns the explanation of a reason, a general one if it is unknown. */
export type ExplainReason = (reason: string) => Explanation;

/** Explanation of a dead token: the app has to register a new one. */
export function deadToken(meaning: string): Explanation {
  return {
    meaning,
    likelyCause: "The app was removed, the phone was reset or restored, or the app got a new token since.",
    whatToDo: "Open the app on the phone and sign in again, so that it registers its new token.",
  };
}

/** Explanation of an invalid request that only the gateway's own code can have caused. */
export function gatewayFault(meaning: string): Explanation {
  return {
    meaning,
    likelyCause: "A fault of the gateway: neither your settings nor the phone can cause it.",
    whatToDo: "Report it as a bug, with the push's id and the lines that the gateway logged for it.",
  };
}

export function tooLarge(meaning: string): Explanation {
  return {
    meaning,
    likelyCause: "The custom data of the push is very large; the gateway had already shortened what it may.",
    whatToDo: "Send less in the push's data: an id is enough, the app can fetch the rest.",
  };
}

/** Explanation of a provider outage that ends by itself. `vendors` are those whose status pages may tell more. */
export function providerTrouble(meaning: string, ...vendors: readonly Vendor[]): Explanation {
  const pages = vendors.map(({ statusPage }) => statusPage).join(" or ");
  return {
    meaning,
    likelyCause: "A passing trouble at the provider. The gateway tries again as long as the push is worth it.",
    whatToDo: `Try again. If it lasts, look at the provider's status page: ${pages}.`,
  };
}
