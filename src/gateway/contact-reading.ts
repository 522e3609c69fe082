import type { PhoneAddress } from "../push/device.ts";

/** A REGISTER as a proxy relays it. */
export interface RelayedRegister {
  /** The Contact header; several of them joined by commas. */
  readonly contact: string;
  /** Seconds, from the Expires header: for contacts that do not say it themselves. */
  readonly expires?: number;
  readonly userAgent?: string;
  /** Others in which some apps send their token (`X-MPUSH`, `X-P-Push`, `X-Push`, `Portsip-Push`), by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a Contact says besides the phone's address. */
export interface ContactBinding {
  /** Where the phone is reached by SIP, without what wakes it. */
  readonly uri: string;
  /** The phone's name among its subscriber's: its instance id, or one made of its token. Absent where it has neither. */
  readonly deviceId?: string;
  /** `+sip.instance`: which installation of the app it is, whatever account it registers for. */
  readonly instance?: string;
  /** Seconds. */
  readonly expires?: number;
  /** Between 0 and 1: the phone's own idea of how much it wants the call. */
  readonly q?: number;
  readonly regId?: number;
  /** RFC 8599 `+sip.pnsreg`: it registers again by itself, without being woken. */
  readonly wakesItself?: true;
  /** RFC 8599 `pn-purr`: how a proxy names the phone in the middle of a dialog. */
  readonly purr?: string;
  /** What a person calls the phone: the first words of its User-Agent. */
  readonly name?: string;
}

/** Why a contact taught the gateway nothing, in a stable word. */
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
  /** In words for the operator. */
  readonly reason: string;
  /** Where the phone is reached by SIP, if that could be read. */
  readonly uri?: string;
}

export type ContactReading =
  /** A phone that can be pushed registers, or refreshes. */
  | { readonly kind: "phone"; readonly binding: ContactBinding; readonly phone: PhoneAddress }
  /** A phone that cannot be pushed registers: it is there, though. */
  | { readonly kind: "without_push"; readonly binding: ContactBinding }
  /** It leaves, or takes its token back. */
  | { readonly kind: "removed"; readonly binding: ContactBinding; readonly phone?: PhoneAddress }
  /** `Contact: *`: all phones of the subscriber leave. */
  | { readonly kind: "all_removed" }
  /** `reason`: in words for the operator. The phone may still be known by its URI, if that could be read. */
  | {
      readonly kind: "unreadable";
      readonly trouble: ContactTrouble;
      readonly reason: string;
      readonly binding?: ContactBinding;
    };

/** Every contact of a REGISTER, understood. Pure, and never throws. */
export type ReadContacts = (register: RelayedRegister) => readonly ContactReading[];
