import type { FastifyPluginAsync } from "fastify";
import type { Config } from "../config/config.ts";
import type { LauncherConfig } from "../config/launcher-config.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import { createLaunchRoutes, type LaunchRouteDeps } from "../launcher/launch-routes.ts";
import { createSignUpRoutes, type SignUpRouteDeps } from "../launcher/sign-up/sign-up-routes.ts";

export interface PluginDeps extends Pick<LaunchRouteDeps, "clock"> {
  readonly events: Pick<GatewayEvents, "launchAnswered" | "signUp">;
  readonly launchApps: LaunchRouteDeps["apps"];
  readonly signUpService: SignUpRouteDeps["desk"];
}

/**
 * Routes of rooms other than http. Their paths are fixed when the process starts; everything else follows the
 * configuration.
 */
export function listPlugins({ launcher }: Config, deps: PluginDeps): FastifyPluginAsync[] {
  if (launcher === undefined) return [];
  const { events, clock, launchApps: apps, signUpService: desk } = deps;
  const { linksPerMinute: perMinute, signUp } = launcher;
  return [
    createLaunchRoutes({ paths: listLaunchPaths(launcher), apps, perMinute, events, clock }),
    ...(signUp === undefined ? [] : [createSignUpRoutes({ path: signUp.path, desk, events })]),
  ];
}

export function listLaunchPaths(launcher: LauncherConfig | undefined): string[] {
  return [...new Set(launcher?.apps.flatMap(({ paths }) => paths))];
}
