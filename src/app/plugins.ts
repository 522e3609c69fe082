import type { FastifyPluginAsync } from "fastify";
import type { Config, LauncherConfig } from "../config/config.ts";
import { createLaunchRoutes, type LaunchRouteDeps } from "../launcher/launch-routes.ts";

export interface PluginDeps extends Pick<LaunchRouteDeps, "events" | "clock"> {
  readonly launchApps: LaunchRouteDeps["apps"];
}

/** Routes of other rooms than http's. Their paths are fixed when the process starts; all else follows the configuration. */
export function listPlugins({ launcher }: Config, { events, clock, launchApps }: PluginDeps): FastifyPluginAsync[] {
  if (launcher === undefined) return [];
  const paths = listLaunchPaths(launcher);
  return [createLaunchRoutes({ paths, apps: launchApps, perMinute: launcher.linksPerMinute, events, clock })];
}

export function listLaunchPaths(launcher: LauncherConfig | undefined): string[] {
  return [...new Set(launcher?.apps.flatMap(({ paths }) => paths))];
}
