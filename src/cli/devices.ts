import { Argument, Option, type Command } from "commander";
import { PROVIDER_NAMES } from "../providers/providers.ts";
import type { Aor } from "../push/address.ts";
import { compact } from "../push/compact.ts";
import { ENVIRONMENTS, OSES, type Environment, type Os, type ProviderName } from "../push/device.ts";
import { subscriberArgument } from "./arguments.ts";
import { gatewayCommand, JSON_OBJECT, type Asking } from "./gateway-command.ts";
import { CliError, createCommand, formatTable, printable, type CliIo } from "./output.ts";

/** A device as the gateway shows it: its tokens shortened. */
interface DeviceReport {
  readonly subscriber: string;
  readonly device: string;
  readonly provider: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly environment: string;
  readonly environment_learned_at?: string;
  readonly app?: string;
  readonly name?: string;
  readonly registered_at: string;
}

interface RegisteredReport extends DeviceReport {
  readonly displaced: readonly { readonly subscriber: string; readonly device: string }[];
}

interface AddOptions {
  readonly provider: ProviderName;
  readonly token?: string;
  readonly fid?: string;
  readonly os?: Os;
  readonly voipToken?: string;
  readonly remoteToken?: string;
  readonly environment?: Environment;
  readonly app?: string;
  readonly name?: string;
}

const DEVICES_HELP = `
Usually the app registers its phone by itself; these commands are to look, to test and to tidy up.

Examples:
  sip-pushd devices list alice@example.org
  sip-pushd devices add alice@example.org pixel --provider fcm --token TOKEN
  sip-pushd devices rm alice@example.org pixel`;

const ADD_HELP = `
An iPhone has two tokens: the VoIP (PushKit) token wakes it for calls, the remote one is for messages. Both are
hexadecimal. An Android phone has one registration token. A token belongs to one subscriber: adding it here takes
it from whoever had it. A device of the same name is replaced as a whole.

Examples:
  sip-pushd devices add alice@example.org iphone --provider apns --voip-token 6a1f… --remote-token 99c0…
  sip-pushd devices add alice@example.org xcode --provider apns --voip-token 6a1f… --environment sandbox
  sip-pushd devices add alice@example.org pixel --provider fcm --token fZ3k…
  sip-pushd devices add alice@example.org flutter --provider fcm --fid dQw4… --os ios`;

export function buildDevicesCommand(io: CliIo): Command {
  return createCommand(io, "devices")
    .summary("show, add and remove a subscriber's phones")
    .description("Shows, adds and removes the phones that a subscriber's pushes go to.")
    .addHelpText("after", DEVICES_HELP)
    .addCommand(buildListCommand(io))
    .addCommand(buildAddCommand(io))
    .addCommand(buildRemoveCommand(io));
}

function deviceArgument(): Argument {
  return new Argument("<device>", "name of the device, unique for the subscriber, e.g. iphone");
}

function buildListCommand(io: CliIo): Command {
  return gatewayCommand(io, {
    name: "list",
    description: "Shows a subscriber's phones.",
    arguments: [subscriberArgument()],
    json: JSON_OBJECT,
    help: "\nExample:\n  sip-pushd devices list alice@example.org",
    async run({ open }, subscriber: Aor) {
      const request = { method: "GET", path: pathOf(subscriber) } as const;
      const list = await (await open()).request<{ devices: readonly DeviceReport[] }>(request, "devices");
      return { json: list, lines: () => formatDevices(subscriber, list.devices) };
    },
  });
}

function buildAddCommand(io: CliIo): Command {
  return gatewayCommand(io, {
    name: "add",
    description: "Registers a phone, or replaces the registration of that name.",
    arguments: [subscriberArgument(), deviceArgument()],
    options: [
      new Option("--provider <provider>", "apns: iPhone; fcm: Android; gcm: Android with Google's old API")
        .choices(PROVIDER_NAMES)
        .makeOptionMandatory(),
      new Option("--token <token>", "Android: the registration token"),
      new Option("--fid <id>", "Firebase: the installation id, instead of a registration token"),
      new Option("--os <os>", "Firebase: ios for an iPhone whose app uses it").choices(OSES),
      new Option("--voip-token <hex>", "iPhone: the PushKit token, for calls"),
      new Option("--remote-token <hex>", "iPhone: the token for messages"),
      new Option("--environment <environment>", "iPhone: sandbox for an app started from Xcode").choices(ENVIRONMENTS),
      new Option("--app <id>", "bundle id or package name, if it is not the domain's usual app"),
      new Option("--name <text>", "what a person calls the phone"),
    ],
    json: JSON_OBJECT,
    help: ADD_HELP,
    async run({ open, options }: Asking<AddOptions>, subscriber: Aor, device: string) {
      const request = { method: "PUT", path: pathOf(subscriber, device), body: buildDevice(options) } as const;
      const registered = await (await open()).request<RegisteredReport>(request, "displaced");
      return { json: registered, lines: () => formatRegistered(subscriber, device, registered) };
    },
  });
}

function buildRemoveCommand(io: CliIo): Command {
  return gatewayCommand(io, {
    name: "rm",
    description: "Removes a phone: it gets no more pushes until its app registers it again.",
    arguments: [subscriberArgument(), deviceArgument()],
    json: JSON_OBJECT,
    help: "\nExample:\n  sip-pushd devices rm alice@example.org pixel",
    async run({ open }, subscriber: Aor, device: string) {
      await (await open()).requestNothing({ method: "DELETE", path: pathOf(subscriber, device) });
      return {
        json: { subscriber, device, removed: true },
        lines: () => [printable(`${subscriber} has no device ${device} any more.`)],
      };
    },
  });
}

function formatDevices(subscriber: Aor, devices: readonly DeviceReport[]): string[] {
  if (devices.length === 0) {
    return [`${subscriber} has no device: open the app and sign in, or add it with 'sip-pushd devices add'.`];
  }
  return formatTable([["DEVICE", "PROVIDER", "TOKENS", "APP", "NAME", "REGISTERED"], ...devices.map(rowOf)]);
}

function formatRegistered(subscriber: Aor, device: string, { displaced }: RegisteredReport): string[] {
  return [
    `${subscriber} has the device ${device} now. Try it: sip-pushd send ${subscriber}`,
    ...displaced.map(
      ({ subscriber: loser, device: lost }) =>
        `Taken from ${loser}, device ${lost}: a token, or the place, that has one owner only.`,
    ),
  ].map(printable);
}

function rowOf(report: DeviceReport): string[] {
  const { device, tokens, app, name, registered_at: at } = report;
  const kinds = Object.entries(tokens).map(([kind, token]) => `${kind} ${token}`);
  return [device, serviceOf(report), kinds.join(", "), app ?? "-", name ?? "-", at];
}

/** Learned: the app named the other environment, and Apple knows the token in this one. */
function serviceOf({ provider, environment, environment_learned_at: learnedAt }: DeviceReport): string {
  if (learnedAt !== undefined) return `${provider} ${environment} (learned)`;
  return environment === "sandbox" ? `${provider} sandbox` : provider;
}

/** Empty texts are sent: the gateway says what is wrong with them. */
function buildDevice(options: AddOptions): object {
  const { provider, token, fid, os, voipToken, remoteToken, environment, app, name } = options;
  const common = compact({
    provider,
    environment,
    app,
    name,
    os,
    fid,
  });
  if (provider === "apns") {
    if (token !== undefined || (voipToken === undefined && remoteToken === undefined)) {
      throw new CliError("apns_tokens", "An iPhone has two kinds of token, and --token does not say which one.", {
        mend: "Give --voip-token (PushKit, for calls), --remote-token (for messages), or both.",
      });
    }
    const voip = voipToken === undefined ? {} : { voip: voipToken };
    return { ...common, tokens: { ...voip, ...(remoteToken === undefined ? {} : { remote: remoteToken }) } };
  }
  if ((token === undefined && fid === undefined) || voipToken !== undefined || remoteToken !== undefined) {
    throw new CliError("registration_token", `A device of ${provider} has one registration token.`, {
      mend: "Give it with --token, or an installation id with --fid; --voip-token and --remote-token are for --provider apns.",
    });
  }
  return { ...common, ...(token === undefined ? {} : { token }) };
}

function pathOf(subscriber: Aor, device?: string): string {
  const devices = `/v1/subscribers/${encodeURIComponent(subscriber)}/devices`;
  return device === undefined ? devices : `${devices}/${encodeURIComponent(device)}`;
}
