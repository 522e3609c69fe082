export const PAYLOAD_PROFILES = ["standard", "linphone", "vialer"] as const;
/** `standard`: our own members. `linphone`: what Flexisip sends, so that Linphone apps ring as they are. `vialer`: ours, and what Vialer's apps read of it. */
export type PayloadProfile = (typeof PAYLOAD_PROFILES)[number];
