import { domainOf } from "../../push/address.ts";
import { isAboutCall, type PushRequest } from "../../push/push.ts";
import {
  NO_LOAD,
  readQueueUse,
  type LoadLimit,
  type LoadLimits,
  type QueueLoad,
  type QueueUse,
} from "../../push/queue-room.ts";
import { askWhoAnswers } from "./ask-shards.ts";
import { loadShardScript } from "./script.ts";
import type { RedisSession } from "./session.ts";
import { declareKeys, type Keys } from "./shards.ts";

const LOADS = loadShardScript("loads");

export interface QueueViewDeps {
  readonly session: Pick<RedisSession, "run">;
  readonly keys: Keys;
  readonly limits: LoadLimits;
  /** Milliseconds of a clock without steps. */
  readonly monotonic: () => number;
}

/** Loads of one shard: of its queue and of each domain. */
interface ShardLoads {
  queue: QueueLoad;
  readonly domains: Map<string, QueueLoad>;
}

type LoadsAnswer = readonly [pending: number, fields: readonly string[]];

/** How long loads read from the shards are current. */
const FRESH_MS = 1_000;

/**
 * This gateway's knowledge of pending pushes in all shards. A script sees only its own shard, so it is told what each
 * bound leaves to it. While pushes are accepted, the other shards are read at most once a second, and nothing waits for
 * that.
 */
export class QueueView {
  readonly #deps: QueueViewDeps;
  readonly #shards = new Map<string, ShardLoads>();
  #total: ShardLoads = noLoads();
  #lookedAt = -Infinity;

  constructor(deps: QueueViewDeps) {
    this.#deps = deps;
  }

  /** Returns what the bounds leave to a shard, each as "pushes bytes messages message-bytes". */
  readRest(
    shard: string,
    domain: string,
  ): { readonly queue: string; readonly domain: string; readonly callee: string } {
    const { limits } = this.#deps;
    if (this.#deps.monotonic() - this.#lookedAt >= FRESH_MS) void this.look().catch(() => undefined);
    const own = this.#shards.get(shard);
    const total = this.#total;
    const ofDomain = (loads: ShardLoads | undefined) => loads?.domains.get(domain) ?? NO_LOAD;
    return {
      queue: writeRest(limits.queue, subtract(total.queue, own?.queue ?? NO_LOAD)),
      domain: writeRest(limits.domain, subtract(ofDomain(total), ofDomain(own))),
      callee: writeRest(limits.callee, NO_LOAD),
    };
  }

  /** Counts a push that this gateway has accepted until the next reading includes it. */
  noteAccepted(shard: string, request: PushRequest, bytes: number): void {
    const isMessage = !isAboutCall(request);
    const load = { pushes: 1, bytes, messages: isMessage ? 1 : 0, messageBytes: isMessage ? bytes : 0 };
    const domain = domainOf(request.callee);
    const own = this.#shards.get(shard) ?? noLoads();
    this.#shards.set(shard, own);
    for (const loads of [own, this.#total]) {
      loads.queue = add(loads.queue, load);
      loads.domains.set(domain, add(loads.domains.get(domain) ?? NO_LOAD, load));
    }
  }

  async readUse(): Promise<QueueUse> {
    await this.look();
    return readQueueUse(this.#total.queue, [...this.#total.domains.values()], this.#deps.limits);
  }

  /** Reads the loads of all shards. A shard that does not answer keeps its previous ones. */
  async look(): Promise<void> {
    const { keys, monotonic } = this.#deps;
    this.#lookedAt = monotonic();
    const answers = await askWhoAnswers(
      keys.shards.map(async (shard) => [shard, await this.#readShard(shard)] as const),
    );
    // Synchronous, so that the loads of shards and their total never differ.
    for (const [shard, loads] of answers) this.#shards.set(shard, loads);
    this.#total = sum([...this.#shards.values()]);
  }

  async #readShard(shard: string): Promise<ShardLoads> {
    const declared = declareKeys(shard, "calls", "others", "loads");
    const [pending, fields] = (await this.#deps.session.run(LOADS, declared, [""])) as LoadsAnswer;
    const entries = fields.flatMap((name, index) =>
      index % 2 === 0 ? [[name, readLoad(fields[index + 1] ?? "")] as const] : [],
    );
    const loads = new Map(entries);
    // Pushes of an older release are only in the count of pending ones.
    const queue = { ...(loads.get(QUEUE) ?? NO_LOAD), pushes: pending };
    const domains = entries.flatMap(([name, load]) =>
      name.startsWith(DOMAIN) ? [[name.slice(DOMAIN.length), load] as const] : [],
    );
    return { queue, domains: new Map(domains) };
  }
}

/** Fields of a shard's `loads`, which the prelude of the scripts writes. */
const QUEUE = "queue";
const DOMAIN = "domain:";

function noLoads(): ShardLoads {
  return { queue: NO_LOAD, domains: new Map() };
}

function readLoad(text: string): QueueLoad {
  const [pushes = 0, bytes = 0, messages = 0, messageBytes = 0] = text.split(" ").map(Number);
  return { pushes, bytes, messages, messageBytes };
}

/** Lua cannot read infinity from an argument. */
const NO_LIMIT = 1e15;

function writeRest({ all, messages }: LoadLimit, elsewhere: QueueLoad): string {
  const rests = [
    all.pushes - elsewhere.pushes,
    all.bytes - elsewhere.bytes,
    messages.pushes - elsewhere.messages,
    messages.bytes - elsewhere.messageBytes,
  ];
  return rests.map((rest) => Math.min(rest, NO_LIMIT)).join(" ");
}

function combine(a: QueueLoad, b: QueueLoad, sign: 1 | -1): QueueLoad {
  return {
    pushes: a.pushes + sign * b.pushes,
    bytes: a.bytes + sign * b.bytes,
    messages: a.messages + sign * b.messages,
    messageBytes: a.messageBytes + sign * b.messageBytes,
  };
}

const add = (a: QueueLoad, b: QueueLoad): QueueLoad => combine(a, b, 1);
const subtract = (a: QueueLoad, b: QueueLoad): QueueLoad => combine(a, b, -1);

function sum(shards: readonly ShardLoads[]): ShardLoads {
  const total = noLoads();
  for (const { queue, domains } of shards) {
    total.queue = add(total.queue, queue);
    for (const [domain, load] of domains) total.domains.set(domain, add(total.domains.get(domain) ?? NO_LOAD, load));
  }
  return total;
}
