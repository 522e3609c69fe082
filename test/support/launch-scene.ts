import type { LaunchOutcome } from "../../src/gateway/gateway-events.ts";
import { startListeners } from "../../src/http/listen.ts";
import type { LaunchApp } from "../../src/launcher/launch-app.ts";
import { createLaunchRoutes } from "../../src/launcher/launch-routes.ts";
import { createHttpRig } from "./http-rig.ts";

/** The handbook's standard key: https://www.sipwise.com/doc/mr4.5.1/sppro/apbs01.html */
export const STANDARD_SECRET = { key: "iBmTdavJ8joPW3HO", iv: "tww21lQe6cmywrp3" };
export const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1";
export const DESKTOP =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

export function aLaunchApp(overrides: Partial<LaunchApp> = {}): LaunchApp {
  return {
    domain: undefined,
    paths: ["/p", "/sipphone"],
    scheme: "sipphone",
    secret: STANDARD_SECRET,
    name: "Example Phone",
    stores: {},
    ...overrides,
  };
}

export interface LaunchSceneOptions {
  readonly apps?: readonly LaunchApp[];
  readonly perMinute?: number;
  readonly requireKey?: boolean;
  readonly trustedProxies?: readonly string[];
}

/** Starts a listener with the launch handler on loopback, and a manual clock. */
export async function startLaunchScene(options: LaunchSceneOptions = {}) {
  const { apps = [aLaunchApp()], perMinute = 1_000_000, requireKey = false, trustedProxies } = options;
  const outcomes: LaunchOutcome[] = [];
  const time = { now: 1_800_000_000_000 };
  const plugin = createLaunchRoutes({
    paths: [...new Set(apps.flatMap(({ paths }) => paths))],
    apps: () => apps,
    perMinute,
    events: { launchAnswered: (outcome) => void outcomes.push(outcome) },
    clock: () => time.now,
  });
  const rig = createHttpRig({}, { plugins: [plugin], ...(trustedProxies === undefined ? {} : { trustedProxies }) });
  const listeners = await startListeners([{ host: "127.0.0.1", port: 0, requireKey }], rig.deps);
  const [address] = listeners.addresses;
  if (address === undefined) throw new Error("no listener");
  return {
    ...rig,
    url: address.url,
    port: address.port,
    outcomes,
    time,
    open: (path: string, headers: Record<string, string> = {}) =>
      fetch(address.url + path, { redirect: "manual", headers: { "user-agent": IPHONE, ...headers } }),
    [Symbol.asyncDispose]: () => listeners[Symbol.asyncDispose](),
  };
}
