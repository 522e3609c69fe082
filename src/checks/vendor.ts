import { skipped, type Finding } from "../push/finding.ts";
import { nameVendorCheck, type Check } from "./check.ts";

export interface VendorCheckInput {
  /** Such as `Apple`. */
  readonly vendor: string;
  /** Checks of the apps that are configured there, one for each app. */
  readonly apps: readonly ((signal: AbortSignal) => Promise<readonly Finding[]>)[];
}

/** Checks all apps at one vendor concurrently. */
export function createVendorCheck({ vendor, apps }: VendorCheckInput): Check {
  return {
    name: nameVendorCheck(vendor),
    async run(signal) {
      if (apps.length === 0) return [skipped(`No app is configured at ${vendor}.`)];
      const findings = await Promise.all(apps.map((checkApp) => checkApp(signal)));
      return findings.flat();
    },
  };
}
