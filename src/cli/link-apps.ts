import type { LauncherAppConfig } from "../config/launcher-config.ts";
import { tryLoadConfig } from "../config/load-config.ts";
import { STANDARD_LAUNCH_APP } from "../config/standard-launch-app.ts";
import { EXIT_CONFIG } from "./load-or-explain.ts";
import { CliError, type CliIo } from "./output.ts";

/** Returns the apps for links: those of a configuration, or the handbook's own. */
export function listLinkApps(file: string | undefined, io: CliIo): readonly LauncherAppConfig[] {
  if (file === undefined) {
    io.stderr.write(
      "sip-pushd: Without --config the handbook's standard key is used: everybody can read such a link.\n",
    );
    return [STANDARD_LAUNCH_APP];
  }
  const config = tryLoadConfig({ file, env: io.env }).loaded?.config;
  if (config === undefined) {
    throw new CliError("bad_config", `${file} cannot be used.`, {
      mend: `See what is wrong with it: sip-pushd config check ${file} (exit code ${EXIT_CONFIG}).`,
    });
  }
  if (config.launcher !== undefined) return config.launcher.apps;
  throw new CliError("no_launcher", `${file} has no launcher: section, or switches it off.`, {
    mend: "Write launcher: with the key that the app was built with; docs/reference/configuration.md lists its settings.",
  });
}
