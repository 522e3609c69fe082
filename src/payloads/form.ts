import { isIosByFirebase } from "../push/device.ts";
import type { Push, Target } from "../push/push.ts";
import type { ApplePushType } from "./apple.ts";
import type { Content } from "./fit.ts";

/** A push on its way to one device. */
export interface Addressed {
  readonly push: Pick<Push, "id" | "request" | "acceptedAt" | "deadline">;
  readonly target: Pick<Target, "deviceId" | "tokenKind">;
}

/** Keys and text alone, as Google demands. */
export type GoogleData = Readonly<Record<string, string>>;

/** Receiver of a payload. */
export type Receiver =
  | { readonly vendor: "apple"; readonly pushType: ApplePushType }
  /** `isIos`: an iPhone that Google reaches through Apple. */
  | { readonly vendor: "google"; readonly isIos: boolean };

/** Builds the payloads of one kind of app. Each profile has the same three functions. */
export interface PayloadForm {
  /** Returns the parts that may be shortened. */
  content(addressed: Addressed, receiver: Receiver): Content;
  /** Returns Apple's payload of the content, with its `aps`. */
  apple(addressed: Addressed, pushType: ApplePushType, content: Content): object;
  /** Returns Google's `data` of the content. */
  google(content: Content): GoogleData;
  /** Estimates the bytes that a member of the content adds to Google's data; `plainMemberBytes` if it is sent as it is. */
  readonly googleMemberBytes?: (name: string, value: string) => number;
}

export function isForIos({ target }: Pick<Addressed, "target">): boolean {
  return isIosByFirebase(target.tokenKind);
}
