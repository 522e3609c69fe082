import { StoreError, type StoreDoubt } from "../../gateway/store-error.ts";

/** Why a Redis command failed. Codes are for programs, messages for operators. */
export type RedisFailure =
  /** There is no connection; nothing was sent. */
  | "unreachable"
  /** It may have been done, or may still be. */
  | "timeout"
  | "connection_lost"
  /** Done on the master, but on fewer replicas than required. */
  | "not_replicated"
  /** Redis refused; nothing was done. */
  | "out_of_memory"
  | "read_only"
  | "loading"
  | "no_replicas"
  | "disk_error"
  | "cluster_down"
  /** A Cluster is moving the slot to another node. */
  | "slot_moving"
  | "access_denied"
  | "failed"
  /** This Redis or its data cannot be used. */
  | "unusable"
  /** Redis would not keep the data as configured; nothing was sent. */
  | "not_durable"
  /** Too many commands are waiting for answers, or a script does not end; nothing was done. */
  | "busy"
  | "closed";

const UNDONE = {
  unreachable: true,
  timeout: false,
  connection_lost: false,
  not_replicated: false,
  out_of_memory: true,
  read_only: true,
  loading: true,
  no_replicas: true,
  disk_error: true,
  cluster_down: true,
  slot_moving: true,
  access_denied: true,
  failed: false,
  unusable: true,
  not_durable: true,
  busy: true,
  closed: true,
} as const satisfies Record<RedisFailure, boolean>;

export class RedisStoreError extends StoreError {
  override readonly name = "RedisStoreError";
  readonly code: RedisFailure;
  readonly isUndone: boolean;
  override readonly doubt: StoreDoubt;
  override readonly forClients: string | undefined;

  constructor(code: RedisFailure, message: string, cause?: unknown, forClients?: string) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.isUndone = UNDONE[code];
    this.doubt = code === "failed" || code === "not_replicated" ? code : "silent";
    this.forClients = forClients;
  }
}

interface Explanation {
  readonly code: RedisFailure;
  readonly text: string;
}

const UNREACHABLE: Explanation = {
  code: "unreachable",
  text: "is out of reach: nothing was sent. Check that it runs and that store.redis names the right address; the gateway connects again by itself.",
};
const LOST: Explanation = {
  code: "connection_lost",
  text: "went away before it answered: whether the command was done is not certain. The gateway connects again by itself.",
};

const MOVING: Explanation = {
  code: "slot_moving",
  text: "is moving these keys to another node: nothing was done. It works again when they have arrived.",
};

const SENTINELS_REFUSE: Explanation = {
  code: "access_denied",
  text: "cannot be found: its Sentinels refuse user or password. Correct them in store.redis.sentinel (username, password).",
};

/** Errors of ioredis itself, or of the search for a master, without a connection. */
const CLIENT_ERRORS: readonly (readonly [RegExp, Explanation])[] = [
  [/All sentinels are unreachable.*\b(?:NOAUTH|WRONGPASS|NOPERM)\b/i, SENTINELS_REFUSE],
  [/isn't write?able|Cluster isn't ready|ECONNREFUSED|All sentinels are unreachable|ClusterAllFailed/i, UNREACHABLE],
  [/Connection is closed|max retries per request|aborted|Socket timeout|ECONNRESET|EPIPE|Too many Cluster/i, LOST],
];

/** First word of an error reply: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const REPLIES: Readonly<Record<string, Explanation>> = {
  OOM: { code: "out_of_memory", text: "has no memory left (maxmemory): nothing was written. Give it more." },
  READONLY: { code: "read_only", text: "is a replica: nothing was written. Name the master, or use Sentinel." },
  LOADING: { code: "loading", text: "is loading its data after a start: nothing was done. Wait." },
  MASTERDOWN: { code: "read_only", text: "is a replica that has lost its master: nothing was done." },
  NOREPLICAS: {
    code: "no_replicas",
    text: "has fewer replicas than min-replicas-to-write asks for: nothing was written. Bring the replicas back.",
  },
  MISCONF: { code: "disk_error", text: "cannot write to its disk: nothing was written. Free space, see its log." },
  BUSY: { code: "busy", text: "is busy with a script of somebody else's. Wait, or see SCRIPT KILL." },
  TRYAGAIN: MOVING,
  ASK: MOVING,
  MOVED: MOVING,
  CLUSTERDOWN: { code: "cluster_down", text: "does not serve all its slots: nothing was done. Bring its nodes back." },
  NOAUTH: { code: "access_denied", text: "asks for a password. Set one in store.redis." },
  WRONGPASS: { code: "access_denied", text: "refused user or password. Correct them in store.redis." },
  NOPERM: { code: "access_denied", text: "does not allow this user what the gateway needs. Widen its ACL." },
};

/**
 * Returns an error that says what happened where, and what to do. `where` begins the sentence: `Redis at
 * 127.0.0.1:6379`.
 */
export function explain(where: string, error: unknown): RedisStoreError {
  if (error instanceof RedisStoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { code, text } = findExplanation(message);
  return new RedisStoreError(code, `${capitalise(where)} ${text}`, error);
}

/**
 * The client has followed the maximum number of redirections. The last reply says that its command was not executed
 * either.
 */
const LAST_REDIRECTION = /^Too many Cluster redirections\. Last error: \w+: (TRYAGAIN|ASK|MOVED|CLUSTERDOWN)\b/;

function findExplanation(message: string): Explanation {
  const [, last] = LAST_REDIRECTION.exec(message) ?? [];
  const reply = REPLIES[last ?? message.split(" ", 1)[0] ?? ""];
  if (reply !== undefined) return reply;
  const known = CLIENT_ERRORS.find(([pattern]) => pattern.test(message));
  return known?.[1] ?? { code: "failed", text: `could not do it: ${message}` };
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function timedOut(where: string, ms: number): RedisStoreError {
  const text = `did not answer within ${ms} ms: whether the command was done is not certain. Look at its load and at the network.`;
  return new RedisStoreError("timeout", `${capitalise(where)} ${text}`);
}

export function notReplicated(where: string, wanted: number, got: number): RedisStoreError {
  const text = `wrote it, but only ${got} of ${wanted} replicas have it: it may be lost with its master, so it does not count yet. Check the replicas.`;
  return new RedisStoreError("not_replicated", `${capitalise(where)} ${text}`);
}

export function tooBusy(where: string, waiting: number): RedisStoreError {
  return new RedisStoreError(
    "busy",
    `${capitalise(where)} owes ${waiting} answers already: nothing more is sent to it.`,
  );
}

export function closed(where: string): RedisStoreError {
  const text = "is no longer used: the gateway is stopping, nothing is read or written.";
  return new RedisStoreError("closed", `${capitalise(where)} ${text}`);
}

export function notDurable(where: string, cause: string): RedisStoreError {
  const text = `does not keep pushes as store.durability promises (${cause}): nothing is accepted. Set it up so, or choose durability process.`;
  const forClients = `It does not keep pushes as store.durability promises: ${cause}.`;
  return new RedisStoreError("not_durable", `${capitalise(where)} ${text}`, undefined, forClients);
}

export function isFull(error: unknown): boolean {
  return error instanceof RedisStoreError && error.code === "out_of_memory";
}
