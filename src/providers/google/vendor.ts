import type { Vendor } from "../../push/vendor.ts";

export const GOOGLE = { name: "Google", statusPage: "status.firebase.google.com" } as const satisfies Vendor;
