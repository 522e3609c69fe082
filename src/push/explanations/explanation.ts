/** What a reason means to the person who has to mend it: a sentence each. */
export interface Explanation {
  readonly meaning: string;
  readonly likelyCause: string;
  readonly whatToDo: string;
}

export type Explanations = Readonly<Record<string, Explanation>>;

/** The phone's registration is at an end; the app has to bring a new one. */
export function deadToken(meaning: string): Explanation {
  return {
    meaning,
    likelyCause: "The app was removed, the phone was reset or restored, or the app got a new token since.",
    whatToDo: "Open the app on the phone and sign in again, so that it registers its new token.",
  };
}

/** The request was wrong in a way that only the program can be blamed for. */
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

const STATUS_PAGES = {
  Apple: "developer.apple.com/system-status",
  Google: "status.firebase.google.com",
} as const;

/** The provider is in trouble, and will be out of it by itself. `whose`: absent where a reason is both providers'. */
export function providerTrouble(meaning: string, whose?: keyof typeof STATUS_PAGES): Explanation {
  const pages = whose === undefined ? Object.values(STATUS_PAGES).join(" or ") : STATUS_PAGES[whose];
  return {
    meaning,
    likelyCause: "A passing trouble at the provider. The gateway tries again as long as the push is worth it.",
    whatToDo: `Try again. If it lasts, look at the provider's status page: ${pages}.`,
  };
}
