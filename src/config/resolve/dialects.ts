import type { DialectsConfig } from "../config.ts";
import { quote } from "../problem.ts";
import type { Report } from "../reading/report.ts";
import type { RawConfig } from "../schema/config-schema.ts";
import { Dialects } from "../schema/dialects.ts";
import { resolveSettings } from "../schema/target.ts";
import { isOwnPath } from "./own-paths.ts";

/** Path for Sipwise's own clients, in any configuration. */
const SIPWISE_PATH = "/push";

type RawDialects = RawConfig["dialects"];

export function resolveDialects(raw: RawDialects, report: Report): DialectsConfig {
  const sipwise = { paths: [...new Set([SIPWISE_PATH, ...raw.sipwise.paths])] };
  refuseTakenPaths(raw, report);
  return { ...resolveSettings(Dialects.properties, raw), sipwise };
}

/** One path cannot have two dialects. A trailing slash makes no difference. */
function refuseTakenPaths(raw: RawDialects, report: Report): void {
  const owners = new Map([[SIPWISE_PATH, "sipwise"]]);
  for (const [name, section] of Object.entries(raw)) {
    for (const path of section.paths) {
      const bare = path.replace(/\/+$/, "");
      const owner = owners.get(bare) ?? name;
      owners.set(bare, owner);
      if (owner === name && !isOwnPath(bare)) continue;
      const message = owner === name ? "the gateway has another use for it" : `dialects.${owner} has it already`;
      report.error(section, "paths", { message, found: quote(path), mend: `write another one, e.g. /compat/${name}` });
    }
  }
}
