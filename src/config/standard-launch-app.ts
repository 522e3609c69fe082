import type { LauncherAppConfig } from "./launcher-config.ts";

/** The app as the NGCP handbook describes it: key and initialization vector are printed there, and thus public. */
export const STANDARD_LAUNCH_APP: LauncherAppConfig = {
  domain: undefined,
  paths: ["/p", "/sipphone"],
  scheme: "sipphone",
  secret: { key: "iBmTdavJ8joPW3HO", iv: "tww21lQe6cmywrp3" },
  name: "the phone app",
  stores: {},
};
