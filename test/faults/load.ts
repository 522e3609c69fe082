import { setTimeout as pause } from "node:timers/promises";
import type { PushKind } from "../../src/push/push.ts";
import type { ClientLedger } from "./client-ledger.ts";
import type { Answer } from "./ledgers.ts";
import type { PushClient } from "./push-client.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { tokensFor, type TestSubscriber } from "./subscribers.ts";

export interface LoadOptions {
  readonly client: PushClient;
  readonly ledger: ClientLedger;
  readonly random: SeededRandom;
  readonly subscribers: readonly [TestSubscriber, ...TestSubscriber[]];
  readonly perSecond: number;
  /** Limit of concurrent pushes, repeats included. Beyond it no new push is started. */
  readonly concurrency: number;
  /** Lifetimes, chosen at random for each push. */
  readonly ttlSeconds: readonly [number, ...number[]];
  /** Share of pushes whose clients give up after the first attempt. */
  readonly shareWithoutRepeat: number;
  /** Kinds, chosen at random for each push; calls and messages by default. */
  readonly kinds?: readonly [PushKind, ...PushKind[]];
}

/** Disposing it stops the load without repeating any push. */
export interface Load extends AsyncDisposable {
  /** Starts no more pushes, and waits until those in progress are answered or given up. */
  stop(): Promise<void>;
}

const TICK_MS = 10;
const KINDS: readonly [PushKind, ...PushKind[]] = ["call", "call", "call", "message", "message", "invite"];
/** Share of callees without a device: the answer is 404, and nothing may be sent. */
const SHARE_OF_STRANGERS = 0.02;
const FIRST_REPEAT_MS = 20;
const LAST_REPEAT_MS = 250;
export const MAX_TRIES = 200;

let loads = 0;

/** Sends calls and messages at a steady rate, whatever the answers: an open loop with a limit. */
export function startLoad(options: LoadOptions): Load {
  const { random, perSecond, concurrency } = options;
  const underWay = new Set<Promise<void>>();
  const run = (loads += 1);
  const giveUp = new AbortController();
  let begun = 0;
  const startedAt = performance.now();
  const ticker = setInterval(() => {
    const due = ((performance.now() - startedAt) * perSecond) / 1000;
    for (; begun < due; begun += 1) {
      // A late tick must not cause a burst beyond the limit.
      if (underWay.size >= concurrency) continue;
      const push = buildPush(options, `load-${run}-${begun}`);
      const repeats = random.next() >= options.shareWithoutRepeat;
      const work = sendUntilAnswered(options, push, () => repeats && !giveUp.signal.aborted);
      underWay.add(work);
      void work.then(() => underWay.delete(work));
    }
  }, TICK_MS);

  const stop = async (): Promise<void> => {
    clearInterval(ticker);
    await Promise.all(underWay);
  };
  return {
    stop,
    async [Symbol.asyncDispose]() {
      giveUp.abort();
      await stop();
    },
  };
}

interface NewPush {
  readonly key: string;
  readonly kind: PushKind;
  readonly callee: string;
  readonly ttlSeconds: number;
  readonly tokens: readonly string[];
}

function buildPush({ random, subscribers, ttlSeconds, kinds = KINDS }: LoadOptions, key: string): NewPush {
  const kind = random.pick(kinds);
  const subscriber = random.pick(subscribers);
  const isStranger = random.next() < SHARE_OF_STRANGERS;
  return {
    key,
    kind,
    ttlSeconds: random.pick(ttlSeconds),
    callee: isStranger ? `stranger-${key}@example.org` : subscriber.aor,
    tokens: isStranger ? [] : tokensFor(subscriber, kind),
  };
}

/** The payload contains the client's key, so that the provider's ledger can be read without relying on the gateway. */
export function buildPushRequest({ key, kind, callee, ttlSeconds }: NewPush): object {
  return {
    callee,
    kind,
    caller: "+4315551234",
    call_id: `call-of-${key}`,
    push_id: key,
    ttl_seconds: ttlSeconds,
    data: { client_key: key },
  };
}

async function sendUntilAnswered(
  { client, ledger }: LoadOptions,
  push: NewPush,
  mayRepeat: () => boolean,
): Promise<void> {
  const { key, kind, callee, ttlSeconds, tokens } = push;
  ledger.open({ key, kind, callee, ttlMs: ttlSeconds * 1000, tokens });
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const record = ledger.begin(key);
    const answer = await client.post(buildPushRequest(push));
    record(answer);
    if (isFinal(answer) || !mayRepeat()) return;
    await pauseBeforeRepeat(tries);
  }
}

/** `tries` counts the attempts so far. */
export function pauseBeforeRepeat(tries: number): Promise<void> {
  return pause(Math.min(FIRST_REPEAT_MS * 2 ** (tries - 1), LAST_REPEAT_MS));
}

export function isFinal(answer: Answer): boolean {
  return answer.kind === "answered" && answer.status !== 503 && answer.status !== 429;
}
