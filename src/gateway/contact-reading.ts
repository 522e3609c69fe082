import type { PhoneAddress } from "../push/device.ts";

/** A REGISTER as a proxy relays it. */
export interface RelayedRegister {
  /** The Contact header. Several headers are joined by commas. */
  readonly contact: string;
  /** Seconds from the Expires header, for contacts without an expiry of their own. */
  readonly expires?: number;
  readonly userAgent?: string;
  /** Further headers in which some apps send their token (`X-MPUSH`, `X-P-Push`, `X-Push`, `Portsip-Push`), by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Parts of a Contact other than the push parameters. */
export interface ContactBinding {
  /** SIP URI of the phone, without push parameters. */
  readonly uri: string;
  /** Device id: the instance id, or one derived from the token. Undefined if it has neither. */
  readonly deviceId?: string;
  /** `+sip.instance`: the installation of the app, the same for all of its accounts. */
  readonly instance?: string;
  /** Seconds. */
  readonly expires?: number;
  /** Between 0 and 1: the phone's own preference for receiving the call. */
  readonly q?: number;
  readonly regId?: number;
  /** RFC 8599 `+sip.pnsreg`: the phone registers again without being woken. */
  readonly wakesItself?: true;
  /** RFC 8599 `pn-purr`: identifies the phone to a proxy within a dialog. */
  readonly purr?: string;
  /** Display name of the phone: the first words of its User-Agent. */
  readonly name?: string;
}

/** Stable codes of why a contact could not be used. */
export const CONTACT_TROUBLES = [
  "header",
  "uri",
  "conflict",
  "unknown_provider",
  "unknown_service",
  "unclear_service",
  "no_token",
  "bad_token",
  "bad_app",
  "nameless",
] as const;
export type ContactTrouble = (typeof CONTACT_TROUBLES)[number];

export interface ContactProblem {
  readonly trouble: ContactTrouble;
  /** Explanation for the operator. */
  readonly reason: string;
  /** SIP URI of the phone, if it could be read. */
  readonly uri?: string;
}

export type ContactReading =
  /** A phone with push parameters registers or refreshes. */
  | { readonly kind: "phone"; readonly binding: ContactBinding; readonly phone: PhoneAddress }
  /** A phone without push parameters registers. It can be called, but not woken. */
  | { readonly kind: "without_push"; readonly binding: ContactBinding }
  /** A phone unregisters, or withdraws its token. */
  | { readonly kind: "removed"; readonly binding: ContactBinding; readonly phone?: PhoneAddress }
  /** `Contact: *`: all phones of the subscriber unregister. */
  | { readonly kind: "all_removed" }
  /**
   * `reason` explains the problem to the operator. The phone may still be recognised by its URI, if that could be read.
   */
  | {
      readonly kind: "unreadable";
      readonly trouble: ContactTrouble;
      readonly reason: string;
      readonly binding?: ContactBinding;
    };

/** Reads every contact of a REGISTER. Pure; never throws. */
export type ReadContacts = (register: RelayedRegister) => readonly ContactReading[];
