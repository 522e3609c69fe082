/** Languages of the pages and messages that people get; each has a file in this folder. */
export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Texts for people, in one language. Arguments are inserted as they are, so a caller escapes them for HTML. */
export interface Texts {
  /** BCP 47 tag, for `lang`. */
  readonly language: Language;
  readonly launch: {
    readonly title: (app: string) => string;
    readonly intro: (app: string) => string;
    readonly open: string;
    readonly pointCamera: string;
    readonly qrCode: string;
    readonly getFromApple: (app: string) => string;
    readonly getFromGoogle: (app: string) => string;
  };
  readonly badLink: { readonly title: string; readonly why: string; readonly what: string };
  readonly tooManyLinks: { readonly title: string; readonly what: string };
  readonly form: {
    readonly title: (app: string) => string;
    readonly introEmail: string;
    readonly introPhone: string;
    readonly name: string;
    readonly phone: string;
    readonly email: string;
    readonly optional: string;
    readonly leaveEmpty: string;
    readonly send: string;
    readonly terms: string;
    readonly privacy: string;
  };
  readonly errors: Readonly<Record<FormError, string>>;
  readonly code: {
    readonly title: string;
    readonly intro: (sentTo: string) => string;
    readonly label: string;
    readonly confirm: string;
    /** `startAgain` is a link with the text of `again.link`. */
    readonly noCode: (startAgain: string) => string;
    readonly wrong: string;
    readonly failed: string;
  };
  readonly done: {
    readonly title: string;
    readonly sent: (sentTo: string) => string;
    readonly openIt: (app: string) => string;
  };
  readonly again: {
    readonly link: string;
    readonly button: string;
    readonly forged: PageText;
    readonly expired: PageText;
    readonly limited: PageText;
    readonly failed: PageText;
    readonly gone: PageText;
  };
  readonly message: {
    readonly code: (code: string, app: string) => string;
    readonly codeAlone: (code: string) => string;
    readonly codeNote: string;
    readonly linkSubject: (app: string) => string;
    readonly hello: (name: string) => string;
    readonly openLink: (app: string) => string;
    readonly openButton: (app: string) => string;
    readonly keepLink: string;
  };
}

export interface PageText {
  readonly title: string;
  readonly text: string;
}

/** Faults of a form's field. */
export type FormError = "nameMissing" | "nameSigns" | "email" | "phoneInternational" | "phoneNational" | "phoneCountry";
