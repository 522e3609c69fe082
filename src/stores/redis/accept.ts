import type { StoreClock } from "../../gateway/store-clock.ts";
import type { Acceptance, AcceptResult, SuppressReason } from "../../gateway/push-store.ts";
import { shareCallUrl } from "../../push/call-begin.ts";
import { domainOf, type Aor } from "../../push/address.ts";
import { tokensKeptMs, withoutContent, withoutTokens } from "../../push/kept-content.ts";
import { isAboutCall, type Delivery, type PushRequest, type PushState } from "../../push/push.ts";
import type { QueueBound } from "../../push/queue-room.ts";
import { writeNewCall } from "./calls.ts";
import { buildScriptPolicy } from "./policy.ts";
import type { QueueView } from "./queue-view.ts";
import { readPreferences, readTargets } from "./records.ts";
import { isFull } from "./redis-error.ts";
import { loadShardScript, type Script } from "./script.ts";
import type { Argument } from "./session.ts";
import { declareKeys, type Keys, type ShardKeys } from "./shards.ts";

export interface AcceptDeps {
  readonly keys: Keys;
  /** Runs a script. Resolves when it is done at the configured durability. */
  readonly runDurably: (script: Script, keys: ShardKeys, args: readonly Argument[]) => Promise<unknown>;
  readonly now: () => Argument;
  readonly isReplicated: boolean;
  /** Throws a RedisStoreError if this Redis is known not to keep what it is given. */
  readonly requireDurability: () => void;
  readonly storeClock: StoreClock;
  readonly queueView: QueueView;
  readonly keepCallsMs: number;
  /** Keeps texts and tokens of ended pushes. */
  readonly keepContent: boolean;
  /** Indexes the call by its id. Sent with the acceptance; nothing waits for it. */
  readonly indexCall: (id: string, callee: Aor) => void;
}

const ACCEPT = loadShardScript("accept");
/** Position of the request among the script's arguments. */
const REQUEST = 3;

type Answer =
  | readonly ["accepted", at: string, deadline: string, silent: string, targets: string, prefs: string, url: string]
  | readonly ["repeat", id: string, state: PushState]
  | readonly ["conflict", id: string]
  | readonly ["suppressed", reason: SuppressReason]
  | readonly ["full", bound: QueueBound];

export function createAccept(deps: AcceptDeps): (acceptance: Acceptance) => Promise<AcceptResult> {
  const { keys, runDurably, storeClock } = deps;

  return async (acceptance) => {
    deps.requireDurability();
    const askedAt = storeClock.monotonic();
    const args = buildArguments(deps, acceptance);
    const shard = keys.shardOf(acceptance.request.callee);
    try {
      const accepting = runDurably(ACCEPT, declare(keys, acceptance), args);
      if (acceptance.call !== undefined) deps.indexCall(acceptance.call.id, acceptance.request.callee);
      const result = readAnswer((await accepting) as Answer, acceptance);
      if (result.kind === "accepted") {
        const { acceptedAt: storeTime } = result.lease.push;
        deps.queueView.noteAccepted(shard, acceptance.request, Buffer.byteLength(String(args[REQUEST])));
        storeClock.note({ askedAt, answeredAt: storeClock.monotonic(), storeTime });
      }
      return result;
    } catch (error) {
      // Redis refuses such a script before its first line, so nothing was stored.
      if (isFull(error)) return { kind: "full", bound: "store" };
      throw error;
    }
  };
}

function declare(keys: Keys, { id, request: { callee }, dedup }: Acceptance): ShardKeys {
  return declareKeys(
    keys.shardOf(callee),
    "calls",
    "others",
    "ended",
    "loads",
    "callee-loads",
    "counted",
    "places",
    "repeated",
    `push:${id}`,
    `dedup:${dedup.key}`,
    `devices:${callee}`,
    `calls:${callee}`,
    `call-times:${callee}`,
    `preferences:${callee}`,
    `preferences:${domainOf(callee)}`,
  );
}

function buildArguments(deps: AcceptDeps, acceptance: Acceptance): readonly Argument[] {
  const { id, request, dedup, ttl, leaseMs, leaseToken, targets, call } = acceptance;
  const domain = domainOf(request.callee);
  const rest = deps.queueView.readRest(deps.keys.shardOf(request.callee), domain);
  return [
    deps.now(),
    id,
    leaseToken,
    JSON.stringify(request),
    request.kind === "call" ? "calls" : "others",
    request.callee,
    domain,
    dedup.key,
    dedup.fingerprint,
    dedup.explicit ? 1 : 0,
    dedup.windowMs,
    leaseMs,
    JSON.stringify(buildScriptPolicy(request, ttl)),
    deps.isReplicated ? 1 : 0,
    targets === undefined ? "" : JSON.stringify(targets),
    targets?.length ?? 0,
    call?.id ?? "",
    call === undefined ? "" : writeNewCall(call, request.callee),
    deps.keepCallsMs,
    ...writeOutlines(request, deps.keepContent),
    isAboutCall(request) ? 0 : 1,
    rest.queue,
    rest.domain,
    rest.callee,
  ];
}

/**
 * Returns what replaces the request when its push has ended, what replaces it when its tokens are erased, and how many
 * milliseconds after the deadline that is. They are written with the push, because Lua cannot write JSON unchanged.
 */
function writeOutlines(request: PushRequest, keepContent: boolean): readonly Argument[] {
  if (keepContent) return ["", "", 0];
  const atEnd = withoutContent(request);
  return [JSON.stringify(atEnd), JSON.stringify(withoutTokens(atEnd)), tokensKeptMs(request)];
}

function readAnswer(answer: Answer, { id, request, leaseMs, leaseToken, call }: Acceptance): AcceptResult {
  switch (answer[0]) {
    case "accepted": {
      const [, at, deadline, silent, targets, preferences, sharedToken] = answer;
      const acceptedAt = Number(at);
      const deliveries = readTargets(targets).map((target): Delivery => ({ ...target, state: "pending", attempts: 0 }));
      const isJoining = call !== undefined && sharedToken !== "";
      const shared = isJoining ? shareCallUrl(request, call.urlToken, sharedToken) : request;
      const asStored = { ...shared, silent: silent === "1" };
      const push = {
        id,
        request: asStored,
        acceptedAt,
        deadline: Number(deadline),
        state: "pending",
        ...readPreferences(preferences),
        deliveries,
      } as const;
      return { kind: "accepted", lease: { push, token: leaseToken, endsAt: acceptedAt + leaseMs } };
    }
    case "repeat":
      return { kind: "repeat", id: answer[1], state: answer[2] };
    case "conflict":
      return { kind: "conflict", id: answer[1] };
    case "suppressed":
      return { kind: "suppressed", id, reason: answer[1] };
    case "full":
      return { kind: "full", bound: answer[1] };
  }
}
