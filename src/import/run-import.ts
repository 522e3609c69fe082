import type { Clock } from "../gateway/clock.ts";
import { foldAor, readDomain, type Aor } from "../push/address.ts";
import { readAor } from "../push/sip-uri.ts";
import type { Device, Environment } from "../push/device.ts";
import type { Preferences } from "../push/preferences.ts";
import { buildDevices } from "./build-devices.ts";
import { buildPreferences } from "./build-preferences.ts";
import { newReport, noteExample, noteRefusal, type ImportReport, type WriteResult } from "./import-report.ts";
import { formatCount, formatProgress, type Progress } from "./progress.ts";
import type { PreferenceLevel, Staging } from "./staging.ts";

/** Destination of an import. */
export interface ImportTarget {
  writeDevice(device: Device): Promise<WriteResult>;
  writePreferences(level: PreferenceLevel, owner: string, preferences: Preferences): Promise<WriteResult>;
}

type AppsByProvider = Readonly<Partial<Record<Device["provider"], unknown>>>;

/** Providers for which a domain has an app. A device of another provider would get no push. */
export interface ImportApps {
  /** For domains without an app of their own. */
  readonly apps: AppsByProvider;
  readonly domains: readonly {
    readonly domain: string;
    readonly apps: AppsByProvider;
    readonly disabledProviders?: readonly Device["provider"][];
  }[];
}

export interface ImportDeps {
  readonly staging: Staging;
  readonly apps: ImportApps;
  readonly environment: Environment;
  /** `subscribers.fold_case` */
  readonly foldCase: boolean;
  /** Undefined for a dry run. */
  readonly target?: ImportTarget;
  /** Name of the target. Progress made with another target does not count. */
  readonly targetName: string;
  readonly progress: Progress;
  readonly clock: Clock;
  /** Returns true when the import should stop at the next opportunity. */
  readonly isStopped: () => boolean;
}

export interface ImportRun {
  readonly report: ImportReport;
  readonly isComplete: boolean;
}

interface State {
  readonly target: string;
  /** The last written key of each kind. */
  readonly after: { usr: string; dom: string; registrations: string };
  readonly report: ImportReport;
}

const STATE = "state";
/** Subscribers processed at a time, because stores answer many at once faster than one by one. */
const BATCH = 256;

/** Builds everything from the staged dumps and, unless it is a dry run, writes it. Continues a stopped import. */
export async function runImport(deps: ImportDeps): Promise<ImportRun> {
  const state = readState(deps);
  const steps = [
    () => importPreferences(deps, state, "dom"),
    () => importPreferences(deps, state, "usr"),
    () => importDevices(deps, state),
  ];
  for (const step of steps) {
    if (!(await step())) return { report: state.report, isComplete: false };
  }
  return { report: state.report, isComplete: true };
}

function readState({ staging, target, targetName }: ImportDeps): State {
  const fresh: State = { target: targetName, after: { usr: "", dom: "", registrations: "" }, report: newReport() };
  const kept = target === undefined ? undefined : (staging.read(STATE) as State | undefined);
  if (kept?.target === targetName) return kept;
  const orphans = staging.countOrphans();
  if (orphans > 0) noteRefusal(fresh.report, "unknown_subscriber", "see the tables above", orphans);
  return fresh;
}

/** Processes groups in batches and saves the progress after each. Returns false if it was stopped. */
async function inBatches<Group extends { readonly owner: string }>(
  { staging, target, isStopped }: ImportDeps,
  state: State,
  place: keyof State["after"],
  groups: Iterable<Group>,
  work: (group: Group) => Promise<void>,
): Promise<boolean> {
  let batch: Group[] = [];
  const flush = async (): Promise<void> => {
    const ends = await Promise.allSettled(batch.map(work));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    state.after[place] = batch.at(-1)?.owner ?? state.after[place];
    if (target !== undefined) staging.write(STATE, state);
    batch = [];
  };
  for (const group of groups) {
    batch.push(group);
    if (batch.length < BATCH) continue;
    await flush();
    if (isStopped()) return false;
  }
  await flush();
  return !isStopped();
}

async function importPreferences(deps: ImportDeps, state: State, level: PreferenceLevel): Promise<boolean> {
  const { staging, target, progress } = deps;
  const { report } = state;
  const counted = level === "dom" ? "domains" : "subscribers";
  return inBatches(deps, state, level, staging.preferences(level, state.after[level]), async ({ owner, rows }) => {
    const { preferences, refused } = buildPreferences(rows);
    for (const { attribute, value } of refused)
      noteExample(report.refusedPreferences, `${owner} ${attribute}=${value}`);
    const address = level === "dom" ? readDomain(owner) : readSubscriber(owner, deps);
    if (address === undefined || Object.keys(preferences).length === 0) return;
    report.preferences[counted] += 1;
    progress.update(`preferences: ${formatCount(report.preferences[counted])} ${counted}`);
    if (target !== undefined) report.preferenceResults[await target.writePreferences(level, address, preferences)] += 1;
  });
}

async function importDevices(deps: ImportDeps, state: State): Promise<boolean> {
  const { staging, target, progress, clock } = deps;
  const { report, after } = state;
  const startedAt = clock();
  const total = staging.countSubscribers(after.registrations);
  let done = 0;
  return inBatches(deps, state, "registrations", staging.registrations(after.registrations), async (group) => {
    const aor = readSubscriber(group.owner, deps);
    if (aor === undefined) {
      noteRefusal(report, "bad_address", group.owner, group.rows.length);
      return;
    }
    const built = buildDevices(aor, group.rows, optionsFor(aor, deps));
    for (const { id, reason } of built.refused) noteRefusal(report, reason, `id ${id}`);
    // In order of registration, as the phones did it.
    for (const device of built.devices) {
      countDevice(report, device, deps);
      if (target !== undefined) report.deviceResults[await target.writeDevice(device)] += 1;
    }
    done += 1;
    const what = `${target === undefined ? "checking" : "writing"} devices of ${formatCount(total)} subscribers`;
    progress.update(formatProgress(what, { done, total, elapsedMs: clock() - startedAt }));
  });
}

function readSubscriber(text: string, { foldCase }: ImportDeps): Aor | undefined {
  const aor = readAor(text);
  return aor !== undefined && foldCase ? foldAor(aor) : aor;
}

function optionsFor(aor: Aor, deps: ImportDeps) {
  const hasLegacyAlone = !hasApp(aor, "fcm", deps) && hasApp(aor, "gcm", deps);
  return { environment: deps.environment, google: hasLegacyAlone ? ("gcm" as const) : ("fcm" as const) };
}

function hasApp(aor: Aor, provider: Device["provider"], { apps }: ImportDeps): boolean {
  const domain = apps.domains.find((entry) => entry.domain === domainOf(aor));
  if (domain?.apps[provider] !== undefined) return true;
  return domain?.disabledProviders?.includes(provider) !== true && apps.apps[provider] !== undefined;
}

function countDevice(report: ImportReport, { subscriber, provider, tokens }: Device, deps: ImportDeps): void {
  report.devices[provider] = (report.devices[provider] ?? 0) + 1;
  if (tokens.voip !== undefined && tokens.remote !== undefined) report.bothTokens += 1;
  if (hasApp(subscriber, provider, deps)) return;
  const which = `${domainOf(subscriber)} (${provider})`;
  report.withoutApp[which] = (report.withoutApp[which] ?? 0) + 1;
}

function domainOf(aor: Aor): string {
  return aor.slice(aor.lastIndexOf("@") + 1);
}
