import type { ProviderName } from "../../push/device.ts";
import type { FileContent } from "./files.ts";

/** Owner of files that only work together, such as a certificate and its key. */
export interface FileOwner {
  /** Unique name of the owner, such as `listen[0]`. */
  readonly unit: string;
  /** Name in alarms, such as `global/apns`; `gateway` for owners other than apps. */
  readonly app: string;
  /** Set for a domain's own app. */
  readonly domain?: string;
}

/** Returns the owner for the app of a domain, or for the global one. */
export function ownerOf(domain: string | undefined, provider: ProviderName): FileOwner {
  // A domain may be called `global`.
  if (domain === undefined) return { unit: provider, app: `global/${provider}` };
  return { unit: `${domain}/${provider}`, app: `${domain}/${provider}`, domain };
}

/** An owner whose credentials cannot be used. */
export interface CredentialFault extends FileOwner {
  /** Sentence without secrets that says what is wrong and what to do about it. */
  readonly detail: string;
}

/** Files read for each owner, with their faults. */
export interface FileRecord {
  /** One for each owner with a fault. */
  readonly faults: readonly CredentialFault[];
  /** Absolute paths in the order of reading. */
  readonly paths: readonly string[];
  /** The content is undefined if the file could not be read. */
  contentsOf(unit: string): ReadonlyMap<string, FileContent | undefined>;
  /** All files read for owners without a fault. */
  soundContents(): ReadonlyMap<string, FileContent>;
  noteRead(owner: FileOwner, path: string, content: FileContent | undefined): void;
  noteFault(owner: FileOwner, detail: string): void;
  isFirstWarning(path: string): boolean;
}

export function createFileRecord(): FileRecord {
  const read = new Map<string, Map<string, FileContent | undefined>>();
  const faults = new Map<string, CredentialFault>();
  const warned = new Set<string>();
  return {
    get faults() {
      return [...faults.values()];
    },
    get paths() {
      return [...new Set([...read.values()].flatMap((contents) => [...contents.keys()]))];
    },
    contentsOf: (unit) => read.get(unit) ?? new Map(),
    soundContents() {
      const sound = [...read].filter(([unit]) => !faults.has(unit)).flatMap(([, contents]) => [...contents]);
      return new Map(sound.flatMap(([path, content]) => (content === undefined ? [] : [[path, content] as const])));
    },
    noteRead({ unit }, path, content) {
      const contents = read.get(unit) ?? new Map<string, FileContent | undefined>();
      read.set(unit, contents.set(path, content));
    },
    noteFault(owner, detail) {
      const before = faults.get(owner.unit)?.detail ?? "";
      if (!before.includes(detail)) faults.set(owner.unit, { ...owner, detail: `${before} ${detail}`.trim() });
    },
    isFirstWarning: (path) => !warned.has(path) && warned.add(path).has(path),
  };
}
