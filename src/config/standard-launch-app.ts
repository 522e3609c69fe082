import type { LauncherAppConfig } from "./launcher-config.ts";

/** The app in the NGCP handbook, which prints its key and initialization vector, so they are public. */
export const STANDARD_LAUNCH_APP: LauncherAppConfig = {
  domain: undefined,
  paths: ["/p", "/sipphone"],
  scheme: "sipphone",
  secret: { key: "iBmTdavJ8joPW3HO", iv: "tww21lQe6cmywrp3" },
  name: "the phone app",
  stores: {},
};
