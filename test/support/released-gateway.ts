import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startCli, type CliProcess } from "./cli-process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Unpacks a released package from test/releases and returns its folder. It is below artifacts/, so that the package
 * finds its dependencies in this repository's node_modules.
 */
function unpackRelease(version: string): string {
  const home = join(ROOT, "artifacts", "releases");
  const unpacked = join(home, version);
  if (!existsSync(unpacked)) {
    mkdirSync(home, { recursive: true });
    // Another test may unpack it at the same time. The first to finish moves its copy into place.
    const own = mkdtempSync(join(home, "unpacking-"));
    const tarball = join(ROOT, "test", "releases", `sip-pushd-${version}.tgz`);
    const { status, stderr } = spawnSync("tar", ["-xzf", tarball, "-C", own, "--exclude=*.map"], { encoding: "utf8" });
    if (status !== 0) throw new Error(`tar could not unpack ${tarball}: ${stderr}`);
    try {
      renameSync(join(own, "package"), unpacked);
    } catch (error) {
      if (!existsSync(unpacked)) throw error;
    }
    rmSync(own, { recursive: true, force: true });
  }
  return unpacked;
}

/** Returns the path of a module in a released package, such as `stores/redis/redis-stores`. */
export function releasedModule(version: string, name: string): string {
  return join(unpackRelease(version), "dist", `${name}.js`);
}

/** Starts a released gateway, or another of its commands, in a separate process. */
export function startReleasedCli(
  version: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): CliProcess {
  return startCli(args, env, releasedModule(version, "main"));
}
