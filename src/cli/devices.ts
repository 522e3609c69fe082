import { Option, type Command } from "commander";
import type { Aor } from "../push/address.ts";
import { PROVIDER_NAMES } from "../providers/providers.ts";
import { ENVIRONMENTS, OSES, type Environment, type Os, type ProviderName } from "../push/device.ts";
import { subscriberArgument } from "./arguments.ts";
import { addGatewayOptions, type GatewayOptions } from "./gateway-address.ts";
import { openGatewayClient } from "./gateway-client.ts";
import {
  CliError,
  createCommand,
  EXIT_CODES,
  formatTable,
  printable,
  runAction,
  writeJson,
  writeLine,
  type CliIo,
} from "./output.ts";
import { compact } from "../push/compact.ts";

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

interface JsonOption extends GatewayOptions {
  readonly json?: boolean;
}

interface AddOptions extends JsonOption {
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

const DEVICE = ["<device>", "name of the device, unique for the subscriber, e.g. iphone"] as const;

export function buildDevicesCommand(io: CliIo): Command {
  return createCommand(io, "devices")
    .summary("show, add and remove a subscriber's phones")
    .description("Shows, adds and removes the phones that a subscriber's pushes go to.")
    .addHelpText("after", DEVICES_HELP)
    .addCommand(buildListCommand(io))
    .addCommand(buildAddCommand(io))
    .addCommand(buildRemoveCommand(io));
}

function buildListCommand(io: CliIo): Command {
  const command = createCommand(io, "list")
    .description("Shows a subscriber's phones.")
    .addArgument(subscriberArgument())
    .option("--json", "print one JSON object for programs")
    .addHelpText("after", "\nExample:\n  sip-pushd devices list alice@example.org");
  return addGatewayOptions(command).action((subscriber: Aor, options: JsonOption) =>
    runAction(io, () => listDevices(io, subscriber, options)),
  );
}

function buildAddCommand(io: CliIo): Command {
  const command = createCommand(io, "add")
    .description("Registers a phone, or replaces the registration of that name.")
    .addArgument(subscriberArgument())
    .argument(...DEVICE)
    .addOption(
      new Option("--provider <provider>", "apns: iPhone; fcm: Android; gcm: Android with Google's old API")
        .choices(PROVIDER_NAMES)
        .makeOptionMandatory(),
    )
    .option("--token <token>", "Android: the registration token")
    .option("--fid <id>", "Firebase: the installation id, instead of a registration token")
    .addOption(new Option("--os <os>", "Firebase: ios for an iPhone whose app uses it").choices(OSES))
    .option("--voip-token <hex>", "iPhone: the PushKit token, for calls")
    .option("--remote-token <hex>", "iPhone: the token for messages")
    .addOption(
      new Option("--environment <environment>", "iPhone: sandbox for an app started from Xcode").choices(ENVIRONMENTS),
    )
    .option("--app <id>", "bundle id or package name, if it is not the domain's usual app")
    .option("--name <text>", "what a person calls the phone")
    .option("--json", "print one JSON object for programs")
    .addHelpText("after", ADD_HELP);
  return addGatewayOptions(command).action((subscriber: Aor, device: string, options: AddOptions) =>
    runAction(io, () => addDevice(io, subscriber, device, options)),
  );
}

function buildRemoveCommand(io: CliIo): Command {
  const command = createCommand(io, "rm")
    .description("Removes a phone: it gets no more pushes until its app registers it again.")
    .addArgument(subscriberArgument())
    .argument(...DEVICE)
    .option("--json", "print one JSON object for programs")
    .addHelpText("after", "\nExample:\n  sip-pushd devices rm alice@example.org pixel");
  return addGatewayOptions(command).action((subscriber: Aor, device: string, options: JsonOption) =>
    runAction(io, () => removeDevice(io, subscriber, device, options)),
  );
}

async function listDevices(io: CliIo, subscriber: Aor, options: JsonOption): Promise<number> {
  const client = await openGatewayClient(options, io);
  const list = await client.request<{ devices: readonly DeviceReport[] }>(
    { method: "GET", path: pathOf(subscriber) },
    "devices",
  );
  if (options.json === true) {
    writeJson(io, list);
  } else if (list.devices.length === 0) {
    writeLine(io, `${subscriber} has no device: open the app and sign in, or add it with 'sip-pushd devices add'.`);
  } else {
    const header = ["DEVICE", "PROVIDER", "TOKENS", "APP", "NAME", "REGISTERED"];
    for (const line of formatTable([header, ...list.devices.map(rowOf)])) writeLine(io, line);
  }
  return EXIT_CODES.ok;
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

async function addDevice(io: CliIo, subscriber: Aor, device: string, options: AddOptions): Promise<number> {
  const body = buildDevice(options);
  const client = await openGatewayClient(options, io);
  const request = { method: "PUT", path: pathOf(subscriber, device), body } as const;
  const registered = await client.request<RegisteredReport>(request, "displaced");
  if (options.json === true) {
    writeJson(io, registered);
    return EXIT_CODES.ok;
  }
  writeLine(io, printable(`${subscriber} has the device ${device} now. Try it: sip-pushd send ${subscriber}`));
  for (const { subscriber: loser, device: lost } of registered.displaced) {
    writeLine(io, printable(`Taken from ${loser}, device ${lost}: a token, or the place, that has one owner only.`));
  }
  return EXIT_CODES.ok;
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

async function removeDevice(io: CliIo, subscriber: Aor, device: string, options: JsonOption): Promise<number> {
  const client = await openGatewayClient(options, io);
  await client.requestNothing({ method: "DELETE", path: pathOf(subscriber, device) });
  if (options.json === true) writeJson(io, { subscriber, device, removed: true });
  else writeLine(io, printable(`${subscriber} has no device ${device} any more.`));
  return EXIT_CODES.ok;
}

function pathOf(subscriber: Aor, device?: string): string {
  const devices = `/v1/subscribers/${encodeURIComponent(subscriber)}/devices`;
  return device === undefined ? devices : `${devices}/${encodeURIComponent(device)}`;
}
