import { Type } from "typebox";
import { PAYLOAD_PROFILES } from "../../push/payload-profile.ts";

export const DEFAULT_PROFILE = "standard";

export function payloadProfile(description: string, options: { default?: string; defaultText?: string }) {
  return Type.Enum([...PAYLOAD_PROFILES], { description, ...options });
}

export const APP_PAYLOAD_PROFILE = Type.Optional(
  payloadProfile(
    "Form of the app's payload: our own, Flexisip's, which Linphone apps understand, or vialer-middleware's.",
    {
      default: DEFAULT_PROFILE,
    },
  ),
);
