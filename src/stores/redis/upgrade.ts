import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Cluster } from "ioredis";
import { buildFormat, isCurrent, readFormat, refuseFormat1, requireReadable, type FormatRecord } from "./format.ts";
import { RedisStoreError } from "./redis-error.ts";
import { escapeGlob, scanKeys } from "./scan.ts";
import { loadScript } from "./script.ts";
import type { RedisSession } from "./session.ts";
import type { Keys } from "./shards.ts";

export interface UpgradeDeps {
  readonly session: RedisSession;
  readonly keys: Keys;
  /** This release. */
  readonly version: string;
  /** False refuses a store that needs an upgrade. */
  readonly mayUpgrade: boolean;
}

const HOLD_LOCK = loadScript("hold-lock");
/** How long a gateway that was killed during an upgrade keeps others from continuing it. */
const LOCK_MS = 10_000;
const LOOK_AGAIN_MS = 250;

/**
 * Converts the keys to this release's format, unless they have it. One gateway does so while others that start wait for
 * it. Each step can be repeated: after a `kill -9` another gateway continues.
 */
export async function prepareFormat(deps: UpgradeDeps): Promise<void> {
  const { session, keys, version, mayUpgrade } = deps;
  const ours = buildFormat(keys.shards.length, version);
  const holder = randomUUID();
  for (;;) {
    const found = await readFormat(session, keys.format);
    if (found !== undefined) requireReadable(session, keys, found);
    if (found !== undefined && isCurrent(found)) return;
    const format1 = await readFormat(session, `${keys.format1Prefix}format`);
    if (format1 === undefined) {
      await writeFirst(deps, ours);
      continue;
    }
    requireReadable(session, keys, format1);
    if (!mayUpgrade) throw mustUpgrade(session);
    if (await holdLock(deps, holder, LOCK_MS)) {
      await upgrade(deps, ours, holder);
      await holdLock(deps, holder, 0);
    } else {
      await pause(LOOK_AGAIN_MS);
    }
  }
}

/**
 * Writes the format of a new store. Release 0.1.0 is locked out first, so a store that it begins at the same time is
 * upgraded.
 */
async function writeFirst({ session, keys }: UpgradeDeps, ours: FormatRecord): Promise<void> {
  const text = JSON.stringify(ours);
  const format1 = await session.ask((client) => client.set(`${keys.format1Prefix}format`, text, "NX", "GET"));
  if (format1 === null) await session.ask((client) => client.set(keys.format, text, "NX"));
}

/** Takes or renews the lock. Returns false if another gateway holds it. 0 ms releases it. */
async function holdLock({ session, keys }: UpgradeDeps, holder: string, ms: number): Promise<boolean> {
  return (await session.run(HOLD_LOCK, [keys.upgradeLock], [holder, ms])) === 1;
}

async function upgrade(deps: UpgradeDeps, ours: FormatRecord, holder: string): Promise<void> {
  const { session, keys } = deps;
  await refuseWhileFormat1Runs(deps);
  await refuseFormat1(session, keys, ours);
  if (keys.format1Prefix === keys.prefix) return;
  // A gateway may have started before it was locked out.
  await refuseWhileFormat1Runs(deps);
  while ((await moveKeys(deps, holder)) > 0);
  await session.ask((client) => client.set(keys.format, JSON.stringify(ours)));
}

/** Every gateway of release 0.1.0 subscribes to its channel for changes of calls. */
async function refuseWhileFormat1Runs({ session, keys }: UpgradeDeps): Promise<void> {
  const { client, ask, where } = session;
  const channel = `${keys.format1Prefix}call-changes`;
  const nodes = client instanceof Cluster ? client.nodes("all") : [client];
  const answers = await Promise.all(nodes.map((node) => ask(() => node.pubsub("NUMSUB", channel))));
  const running = answers.reduce((sum, answer) => sum + Number(answer[1] ?? 0), 0);
  if (running === 0) return;
  const message =
    `${where}: ${running} gateways of release 0.1.0 still use it (they listen to the channel ${channel}), and this release changes the layout of its keys. ` +
    "Stop all gateways of 0.1.0, then start this one again. If none runs any more, Redis has not noticed the end of a connection yet: wait, or use CLIENT KILL TYPE pubsub.";
  throw new RedisStoreError("unusable", message);
}

/** Returns how many keys it found under their old names. */
async function moveKeys(deps: UpgradeDeps, holder: string): Promise<number> {
  const { session, keys } = deps;
  let count = 0;
  for await (const page of scanKeys(session, `${escapeGlob(keys.format1Prefix)}*`)) {
    const old = page.filter((key) => key !== `${keys.format1Prefix}format`);
    if (!(await holdLock(deps, holder, LOCK_MS))) throw overtaken(session);
    await Promise.all(old.map((key) => moveKey(deps, key)));
    count += old.length;
  }
  return count;
}

async function moveKey({ session, keys }: UpgradeDeps, from: string): Promise<void> {
  const to = keys.prefix + from.slice(keys.format1Prefix.length);
  const staysInSlot = !session.client.isCluster || /^\{q\d+\}/.test(to.slice(keys.prefix.length));
  if (staysInSlot) await rename(session, from, to);
  else await copy(session, from, to);
}

async function rename(session: RedisSession, from: string, to: string): Promise<void> {
  try {
    const isDone = await session.ask((client) => client.renamenx(from, to));
    if (isDone === 0) throw writtenTwice(session, from, to);
  } catch (error) {
    // The key has expired, or SCAN returned it twice.
    if (!(error instanceof RedisStoreError && /no such key/.test(error.message))) throw error;
  }
}

/** Copies a key to another slot of a Cluster, with its remaining time to live. */
async function copy({ ask }: RedisSession, from: string, to: string): Promise<void> {
  const [value, leftMs] = await Promise.all([
    ask((client) => client.dumpBuffer(from)),
    ask((client) => client.pttl(from)),
  ]);
  // The client's types do not say that there may be no such key.
  if ((value as Buffer | null) === null) return;
  try {
    await ask((client) => client.restore(to, Math.max(leftMs, 0), value));
  } catch (error) {
    // A gateway was killed between the two steps.
    if (!(error instanceof RedisStoreError && /BUSYKEY/.test(error.message))) throw error;
  }
  await ask((client) => client.unlink(from));
}

function mustUpgrade({ where }: RedisSession): RedisStoreError {
  const text = "holds data of release 0.1.0, which the gateway upgrades when it starts. Start the gateway first.";
  return new RedisStoreError("unusable", `${where} ${text}`);
}

function overtaken({ where }: RedisSession): RedisStoreError {
  const text = "is being upgraded by another gateway, since this one stood still meanwhile. Start this one again.";
  return new RedisStoreError("unusable", `${where} ${text}`);
}

function writtenTwice({ where }: RedisSession, from: string, to: string): RedisStoreError {
  const text = `${from} could not become ${to}, which exists: a gateway of release 0.1.0 has written during the upgrade. Stop it, delete ${from}, and start this one again.`;
  return new RedisStoreError("unusable", `${where}: ${text}`);
}
