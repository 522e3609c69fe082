import type { PayloadProfile } from "../../push/payload-profile.ts";
import { DEFAULT_PROFILE } from "../schema/payload-profile.ts";
import { lookup } from "./lookup.ts";

/** `sections`: the app's, best first. */
export function resolvePayloadProfile(
  sections: readonly ({ readonly payload_profile?: PayloadProfile } | undefined)[],
): PayloadProfile {
  return lookup(sections, "payload_profile")?.value ?? DEFAULT_PROFILE;
}
