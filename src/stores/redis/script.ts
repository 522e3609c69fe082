import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** A Lua script as Redis knows it. */
export interface Script {
  readonly source: string;
  /** Its name in Redis's script cache. */
  readonly sha: string;
}

const PRELUDE = readLua("prelude");

function readLua(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), "utf8");
}

function toScript(source: string): Script {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}

/** Loads a script on one key. */
export function loadScript(name: string): Script {
  return toScript(readLua(name));
}

/** Loads a script on the keys of one shard. The prelude follows the line with the flags, which must be the first. */
export function loadShardScript(name: string): Script {
  const [flags, ...lines] = readLua(name).split("\n");
  return toScript([flags, PRELUDE, ...lines].join("\n"));
}
