import { Type } from "typebox";
import { SignUp } from "./sign-up.ts";
import { STANDARD_LAUNCH_APP } from "../standard-launch-app.ts";

const APP_KEYS = {
  scheme: Type.Optional(
    Type.String({
      description: "URL scheme that the app has registered.",
      pattern: "^[a-z][a-z0-9+.-]{1,30}$",
      expects: "a scheme without ://, in lower case",
      defaultText: `\`${STANDARD_LAUNCH_APP.scheme}\``,
      example: STANDARD_LAUNCH_APP.scheme,
    }),
  ),
  key: Type.Optional(
    Type.String({
      description:
        "AES key built into the app. The standard key is public, and anybody who has it can read every link.",
      pattern: "^[!-~]{16}$",
      expects: "16 ASCII characters",
      defaultText: "the handbook's standard key, with a warning",
      secret: true,
    }),
  ),
  key_file: Type.Optional(
    Type.String({
      description: "File that contains the key.",
      expects: "the path of a file",
      example: "/etc/sip-pushd/launcher.key",
    }),
  ),
  iv: Type.Optional(
    Type.String({
      description: "Initialization vector built into the app.",
      pattern: "^[!-~]{16}$",
      expects: "16 ASCII characters",
      defaultText: "the handbook's standard vector",
      secret: true,
    }),
  ),
  app_name: Type.Optional(
    Type.String({
      description: "Name of the app on the page and in messages.",
      minLength: 1,
      defaultText: `\`${STANDARD_LAUNCH_APP.name}\``,
      example: "Example Phone",
    }),
  ),
  url: Type.Optional(
    Type.String({
      description: "Public address of the launch handler, used in links that are sent.",
      expects: "an https URL without a query",
      example: "https://push.example.org/p",
    }),
  ),
  app_store_url: Type.Optional(
    Type.String({
      description: "The app in Apple's App Store.",
      expects: "an https URL",
      example: "https://apps.apple.com/app/id1234567890",
    }),
  ),
  google_play_url: Type.Optional(
    Type.String({
      description: "The app in Google Play.",
      expects: "an https URL",
      example: "https://play.google.com/store/apps/details?id=com.example.phone",
    }),
  ),
  paths: Type.Optional(
    Type.Array(
      Type.String({
        pattern: "^(?:/[A-Za-z0-9._~-]+)+$",
        expects: "a path of letters, digits and . _ ~ -",
        example: "/p",
      }),
      {
        description: "Paths on which links are opened.",
        defaultText: `\`${JSON.stringify(STANDARD_LAUNCH_APP.paths)}\``,
      },
    ),
  ),
};

const LauncherDomain = Type.Object({
  domain: Type.String({ description: "SIP domain in the link.", minLength: 1, example: "example.org" }),
  ...APP_KEYS,
});

export const Launcher = Type.Object(
  {
    enable: Type.Boolean({ description: "Enables launch links.", default: true }),
    ...APP_KEYS,
    links_per_minute: Type.Integer({
      description: "Links that one client (an IPv4 address, an IPv6 /64) may open per minute.",
      default: 30,
      minimum: 1,
      maximum: 100_000,
      expects: "a number from 1 to 100000",
    }),
    sign_up: Type.Optional(SignUp),
    domains: Type.Array(LauncherDomain, {
      description: "Domains with an app of their own. Settings that are missing in an entry are as above.",
      default: [],
    }),
  },
  {
    description:
      "The zero-config launcher: `GET /p?c=…` redirects a phone to the app, which logs in with the credentials in the link. Disabled without this section.",
  },
);
