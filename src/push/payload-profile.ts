export const PAYLOAD_PROFILES = ["standard", "linphone"] as const;
/** `standard`: our own members. `linphone`: what Flexisip sends, so that Linphone apps ring as they are. */
export type PayloadProfile = (typeof PAYLOAD_PROFILES)[number];
