export const PAYLOAD_PROFILES = ["standard", "linphone", "vialer"] as const;
/**
 * Form of the payload.
 * - `standard`: the gateway's own members.
 * - `linphone`: Flexisip's members, so that unmodified Linphone apps ring.
 * - `vialer`: the gateway's own members and those that Vialer's apps read.
 */
export type PayloadProfile = (typeof PAYLOAD_PROFILES)[number];
