import { Argument, InvalidArgumentError, type Command } from "commander";
import type { GatewayClient } from "../client/gateway-client.ts";
import type { JsonRequest } from "../client/request-json.ts";
import type { PreferencesPatch } from "../gateway/preference-store.ts";
import { readDomain } from "../push/address.ts";
import { readAor } from "../push/sip-uri.ts";
import { ENABLE_MODES, type EnableMode, type Preferences } from "../push/preferences.ts";
import { gatewayCommand, JSON_OBJECT, type Answer, type GatewayCommand } from "./gateway-command.ts";
import { CliError, createCommand, formatTable, printable, type CliIo } from "./output.ts";

/** `effective` includes the domain's values; a domain has none. */
interface PreferencesReport {
  readonly own: Preferences;
  readonly effective?: Preferences;
}

/** Owner of preferences: a subscriber or a domain. */
interface Owner {
  readonly name: string;
  readonly kind: "subscriber" | "domain";
}

const MODE_MEANINGS = {
  never: "no pushes",
  always: "push for every call, whether a phone is registered or not",
  no_reg: "push only if no phone is registered",
  only_push: "push, and leave out registered phones",
  reg_then_push: "ring registered phones first, then push",
  push_then_reg: "push first, then ring registered phones",
} as const satisfies Record<EnableMode, string>;

const HELP = `
Preferences:
  mobile_push_enable       whether and when pushes are sent:
${formatTable(ENABLE_MODES.map((mode) => ["                         ", mode, MODE_MEANINGS[mode]])).join("\n")}
                           The order is the proxy's affair: the gateway sends nothing for never, and else what it is asked to.
  mobile_push_expiry       seconds that the phone has to register after a push for a call
  mobile_push_silent_list  chats whose messages come silently, e.g. bob@example.org,room@conference.example.org
                           (subscribers only)

What a subscriber does not set is inherited from the domain.

Examples:
  sip-pushd prefs show alice@example.org
  sip-pushd prefs set example.org mobile_push_enable=always mobile_push_expiry=30
  sip-pushd prefs set alice@example.org mobile_push_silent_list=bob@example.org
  sip-pushd prefs unset alice@example.org mobile_push_enable`;

export function buildPrefsCommand(io: CliIo): Command {
  return createCommand(io, "prefs")
    .summary("show and change a subscriber's or a domain's push preferences")
    .description(
      "Shows and changes the push preferences of a subscriber (alice@example.org) or a domain (example.org).",
    )
    .addHelpText("after", HELP)
    .addCommand(buildShowCommand(io))
    .addCommand(buildSetCommand(io))
    .addCommand(buildUnsetCommand(io));
}

function buildShowCommand(io: CliIo): Command {
  return prefsCommand(io, {
    name: "show",
    description: "Shows the preferences.",
    arguments: [ownerArgument()],
    run: async ({ open }, owner: Owner) => ask(await open(), owner, { method: "GET" }),
  });
}

function buildSetCommand(io: CliIo): Command {
  const assignment = "e.g. mobile_push_enable=never; a list is separated by commas";
  return prefsCommand(io, {
    name: "set",
    description: "Sets preferences; the others stay as they are.",
    arguments: [ownerArgument(), new Argument("<preference=value...>", assignment)],
    async run({ open }, owner: Owner, assignments: readonly string[]) {
      const body = readPatch(owner, assignments.map(readAssignment));
      return ask(await open(), owner, { method: "PATCH", body });
    },
  });
}

function buildUnsetCommand(io: CliIo): Command {
  return prefsCommand(io, {
    name: "unset",
    description: "Unsets preferences: a subscriber then inherits the domain's.",
    arguments: [ownerArgument(), new Argument("<preference...>", `of ${PREFERENCE_NAMES.join(", ")}`)],
    async run({ open }, owner: Owner, names: readonly string[]) {
      const body = readPatch(
        owner,
        names.map((name) => ({ [readName(name)]: null })),
      );
      return ask(await open(), owner, { method: "PATCH", body });
    },
  });
}

function prefsCommand<Given extends readonly unknown[]>(io: CliIo, command: GatewayCommand<Given, object>): Command {
  return gatewayCommand(io, { ...command, json: JSON_OBJECT, help: HELP });
}

function readPatch(owner: Owner, parts: readonly PreferencesPatch[]): PreferencesPatch {
  const patch: PreferencesPatch = Object.assign({}, ...parts);
  if (owner.kind === "domain" && "mobile_push_silent_list" in patch) {
    throw new CliError("subscribers_only", "A domain has no mobile_push_silent_list: it is a subscriber's own.", {
      mend: `Name a subscriber, e.g. alice@${owner.name}.`,
    });
  }
  return patch;
}

async function ask(client: GatewayClient, owner: Owner, request: Omit<JsonRequest, "path">): Promise<Answer> {
  const path = `/v1/${owner.kind}s/${encodeURIComponent(owner.name)}/preferences`;
  const report = await client.request<PreferencesReport>({ ...request, path }, "own");
  return { json: report, lines: () => formatPreferences(owner, report) };
}

function formatPreferences(owner: Owner, { own, effective }: PreferencesReport): string[] {
  const names = PREFERENCE_NAMES.filter((name) => owner.kind === "subscriber" || name !== "mobile_push_silent_list");
  const rows = names.map((name) => [
    name,
    describe(own[name]),
    ...(effective === undefined ? [] : [describe(effective[name])]),
  ]);
  const isOpen = (effective ?? own).mobile_push_enable === undefined;
  return [
    printable(owner.name),
    ...formatTable([["PREFERENCE", "SET HERE", ...(effective === undefined ? [] : ["IN FORCE"])], ...rows]),
    ...(isOpen ? ["Where mobile_push_enable is set nowhere, pushes are sent."] : []),
  ];
}

function describe(value: Preferences[keyof Preferences]): string {
  if (value === undefined) return "-";
  if (typeof value !== "object") return String(value);
  return value.length === 0 ? "(empty)" : value.join(",");
}

function ownerArgument(): Argument {
  return new Argument("<owner>", "a subscriber (alice@example.org) or a domain (example.org)").argParser(readOwner);
}

function readOwner(text: string): Owner {
  const aor = text.includes("@") ? readAor(text) : undefined;
  if (aor !== undefined) return { name: aor, kind: "subscriber" };
  const domain = readDomain(text);
  if (domain !== undefined) return { name: domain, kind: "domain" };
  throw new InvalidArgumentError("Write a subscriber as user@domain, or a domain as example.org.");
}

const READERS = {
  mobile_push_enable: readMode,
  mobile_push_expiry: readExpiry,
  mobile_push_silent_list: readList,
} as const satisfies { [K in keyof Required<Preferences>]: (text: string) => Preferences[K] };

const PREFERENCE_NAMES: readonly (keyof Preferences)[] = [
  "mobile_push_enable",
  "mobile_push_expiry",
  "mobile_push_silent_list",
];

function readAssignment(text: string): PreferencesPatch {
  const equals = text.indexOf("=");
  if (equals < 0) {
    throw new CliError("bad_assignment", `${text} says no value.`, { mend: "Write it as mobile_push_enable=always." });
  }
  const name = readName(text.slice(0, equals));
  return { [name]: READERS[name](text.slice(equals + 1)) };
}

function readName(text: string): keyof Preferences {
  const name = PREFERENCE_NAMES.find((known) => known === text);
  if (name !== undefined) return name;
  throw new CliError("unknown_preference", `There is no preference ${text}.`, {
    mend: `There are ${PREFERENCE_NAMES.join(", ")}.`,
  });
}

function readMode(text: string): EnableMode {
  const mode = ENABLE_MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  throw new CliError("bad_mode", `mobile_push_enable cannot be "${text}".`, {
    mend: `It is one of ${ENABLE_MODES.join(", ")}; 'sip-pushd prefs --help' says what they mean.`,
  });
}

function readExpiry(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new CliError("bad_expiry", `mobile_push_expiry cannot be "${text}".`, {
    mend: "It is a whole number of seconds, e.g. 30.",
  });
}

function readList(text: string): string[] {
  return text.split(",").flatMap((entry) => (entry.trim() === "" ? [] : [entry.trim()]));
}
