import type { Vendor } from "../../push/vendor.ts";

export const APPLE = { name: "Apple", statusPage: "developer.apple.com/system-status" } as const satisfies Vendor;
