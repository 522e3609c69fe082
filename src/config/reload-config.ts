import type { CredentialFault } from "./credentials/file-record.ts";
import { readFileFromDisk, type FileContent, type ReadFile } from "./credentials/files.ts";
import { useReading, type LoadedConfig } from "./load-config.ts";
import { readConfig, type LoadOptions } from "./read-config.ts";

/**
 * Reads the configuration again for a gateway that runs with `inForce`. Credentials that can no longer be used keep
 * their content in force, and are among the faults of the result. Throws a `ConfigError` for everything else, and for
 * unusable new credentials.
 */
export function reloadConfig(options: LoadOptions, inForce: LoadedConfig): LoadedConfig {
  const { readFile = readFileFromDisk } = options;
  const kept = new Map<string, FileContent>();
  const faults = new Map<string, CredentialFault>();
  const readOrKeep: ReadFile = (path) => markInForce(kept.get(path) ?? readFile(path), inForce.contents.get(path));
  for (;;) {
    const reading = readConfig({ ...options, readFile: readOrKeep }, ({ unit }) => inForce.outOfOrder.has(unit));
    const faulty = reading.record.faults.filter(({ unit }) => !faults.has(unit));
    const helped = faulty.filter(({ unit }) => keepFiles(reading.record.contentsOf(unit), inForce.contents, kept));
    if (helped.length === 0) {
      const loaded = useReading(reading);
      return { ...loaded, faults: [...[...faults.values()].map(describeKept), ...loaded.faults] };
    }
    for (const fault of helped) faults.set(fault.unit, fault);
  }
}

function describeKept({ detail, ...owner }: CredentialFault): CredentialFault {
  return { ...owner, detail: `${detail} Until then the gateway goes on with what it had.` };
}

/**
 * Keeps all files of an owner, because an old certificate needs its old key. Returns false if there are only the files
 * just read.
 */
function keepFiles(
  read: ReadonlyMap<string, FileContent | undefined>,
  inForce: LoadedConfig["contents"],
  kept: Map<string, FileContent>,
): boolean {
  let isHelped = false;
  for (const [path, content] of read) {
    const old = inForce.get(path);
    if (old === undefined || (content !== undefined && content.bytes.equals(old.bytes))) continue;
    kept.set(path, old);
    isHelped = true;
  }
  return isHelped;
}

function markInForce(content: FileContent, inForce: FileContent | undefined): FileContent {
  return inForce?.bytes.equals(content.bytes) === true ? { ...content, isInForce: true } : content;
}
