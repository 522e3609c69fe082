import type { Inventory } from "../gateway/inventory.ts";
import { domainOf } from "../push/address.ts";
import { isPushEnabled } from "../push/enable-policy.ts";
import { inheritPreferences, type Preferences } from "../push/preferences.ts";
import { failed, ok, skipped, warning, type Finding } from "../push/finding.ts";
import type { Check } from "./check.ts";

export interface SubscribersCheckInput {
  /** Opens the store. The caller disposes the result. */
  readonly openInventory: () => Promise<Inventory & AsyncDisposable>;
  /** Domains in the configuration. */
  readonly domains: readonly string[];
}

interface DomainCount {
  known: number;
  on: number;
  withDevice: number;
  /** Some of those that are enabled and have no device. */
  readonly examples: string[];
}

const EXAMPLES = 5;

export function createSubscribersCheck({ openInventory, domains }: SubscribersCheckInput): Check {
  return {
    name: "subscribers",
    async run(signal) {
      try {
        await using inventory = await openInventory();
        const settings = new Map((await inventory.domains()).map(({ domain, preferences }) => [domain, preferences]));
        const counts = await count(inventory, settings, signal);
        const names = [...new Set([...domains, ...settings.keys(), ...counts.keys()])].toSorted();
        if (names.length === 0)
          return [skipped("No domain has a subscriber with a device or a preference yet.", REGISTER)];
        return names.flatMap((domain) => judge(domain, settings.get(domain) ?? {}, counts.get(domain)));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return [failed(`The subscribers cannot be counted: ${message}`, "See what the check of the store says.")];
      }
    },
  };
}

const REGISTER = "Let an app log in, add a device (sip-pushd devices add), or take NGCP's over (sip-pushd import).";

async function count(
  inventory: Inventory,
  settings: ReadonlyMap<string, Preferences>,
  signal: AbortSignal,
): Promise<Map<string, DomainCount>> {
  const counts = new Map<string, DomainCount>();
  for await (const { subscriber, devices, preferences } of inventory.subscribers()) {
    signal.throwIfAborted();
    const domain = domainOf(subscriber);
    const entry = counts.get(domain) ?? { known: 0, on: 0, withDevice: 0, examples: [] };
    counts.set(domain, entry);
    entry.known += 1;
    if (!isPushEnabled(inheritPreferences(preferences, settings.get(domain) ?? {}))) continue;
    entry.on += 1;
    if (devices > 0) entry.withDevice += 1;
    else if (entry.examples.length < EXAMPLES) entry.examples.push(subscriber);
  }
  return counts;
}

function judge(domain: string, settings: Preferences, count: DomainCount | undefined): Finding[] {
  const mode = settings.mobile_push_enable;
  const { known = 0, on = 0, withDevice = 0, examples = [] } = count ?? {};
  const own = mode === undefined ? "mobile_push_enable is not set, which means on" : `mobile_push_enable is ${mode}`;
  const counted = `${known} subscribers are known, ${on} of them on, ${withDevice} of these with a device`;
  const without = on - withDevice;
  return [
    describeDomain(domain, own, counted, { isOn: isPushEnabled(settings), known, on }),
    ...noDevice(domain, without, examples),
  ];
}

function describeDomain(
  domain: string,
  own: string,
  counted: string,
  { isOn, known, on }: { readonly isOn: boolean; readonly known: number; readonly on: number },
): Finding {
  if (known === 0) return warning(`${domain}: ${own}; no subscriber has a device yet.`, REGISTER);
  if (isOn || on > 0) return ok(`${domain}: ${own}; ${counted}.`);
  const mend = `If pushes are wanted: sip-pushd prefs set ${domain} mobile_push_enable=always`;
  return warning(`${domain}: ${own}, and nobody is on; ${counted}.`, mend);
}

function noDevice(domain: string, count: number, examples: readonly string[]): Finding[] {
  if (count === 0) return [];
  const shown = examples.join(", ") + (count > examples.length ? ", …" : "");
  const what = `${domain}: ${count} ${count === 1 ? "subscriber is" : "subscribers are"} on and ${count === 1 ? "has" : "have"} no device: ${shown}.`;
  return [warning(what, "Their phones get no push: the app has not registered its token. Let it log in again.")];
}
