import type { RedisDurability } from "./redis-options.ts";

/** Names and values from a Redis's `INFO`. */
export type ServerInfo = Readonly<Record<string, string>>;

/** Verdict on whether accepted pushes survive as promised. All texts except `cause` are sentences for an operator. */
export interface DurabilityVerdict {
  /** Problems that certainly break the promise. */
  readonly broken: readonly string[];
  /** Problems that might, because Redis does not tell. */
  readonly doubts: readonly string[];
  /** The problem in a few words for clients, without host names. */
  readonly cause?: string;
}

interface Fault {
  readonly text: string;
  readonly cause: string;
}

/** `fsync` is the setting `appendfsync`, or undefined if it may not be read. */
export function judgeDurability(
  where: string,
  info: ServerInfo,
  fsync: string | undefined,
  durability: RedisDurability,
): DurabilityVerdict {
  const { aof_enabled: aof, aof_last_write_status: lastWrite = "ok" } = info;
  if (aof === undefined) {
    return { broken: [], doubts: [`${where} does not say whether it keeps an append-only file. Set appendonly yes.`] };
  }
  if (aof !== "1") {
    const text = `${where} keeps no append-only file, so a restart loses accepted pushes. Set appendonly yes.`;
    return judge([{ text, cause: "appendonly is no" }], []);
  }
  const faults: Fault[] = [];
  if (lastWrite !== "ok") {
    const text = `${where} could not write its append-only file the last time (aof_last_write_status ${lastWrite}). Free space on its disk, and see its log.`;
    faults.push({ text, cause: "the last write of the append-only file failed" });
  }
  const way = "durability disk needs appendfsync always. Set it, or choose durability process.";
  if (durability !== "disk" || fsync === "always") return judge(faults, []);
  if (fsync === undefined) {
    return judge(faults, [`${where} does not say how it writes to disk (CONFIG GET is refused); ${way}`]);
  }
  return judge(
    [...faults, { text: `${where} has appendfsync ${fsync}; ${way}`, cause: `appendfsync is ${fsync}` }],
    [],
  );
}

function judge(faults: readonly Fault[], doubts: readonly string[]): DurabilityVerdict {
  const verdict = { broken: faults.map(({ text }) => text), doubts };
  return faults.length === 0 ? verdict : { ...verdict, cause: faults.map(({ cause }) => cause).join(", ") };
}
