import { readFileSync, writeFileSync } from "node:fs";

/**
 * Adds entries for other platforms' packages to the lock file. `npm ci` requires them, but `npm install` leaves out
 * those that its registry does not have. They are only fetched on their own platform.
 */
interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
}

const SYSTEMS = ["darwin", "linux", "win32", "android", "freebsd", "openharmony", "openbsd", "netbsd", "sunos", "aix"];
const PROCESSORS = ["arm64", "x64", "arm", "ppc64", "riscv64", "s390x", "ia32", "loong64", "mips64el", "wasm32"];

const file = new URL("../package-lock.json", import.meta.url);
const lock: { packages: Record<string, LockEntry> } = JSON.parse(readFileSync(file, "utf8"));

const missing = Object.entries(lock.packages).flatMap(([path, parent]) =>
  Object.entries(parent.optionalDependencies ?? {}).flatMap(([name, version]) => {
    const isThere = [`${path}/node_modules/${name}`, `node_modules/${name}`].some((place) => place in lock.packages);
    const entry = isThere || !/^\d/.test(version) ? undefined : buildEntry(name, version, parent);
    return entry === undefined ? [] : [[`node_modules/${name}`, entry] as const];
  }),
);
const root = lock.packages[""];
const others = { ...Object.fromEntries(missing), ...lock.packages };
delete others[""];
const sorted = Object.entries(others).toSorted(([a], [b]) => a.localeCompare(b, "en"));
lock.packages = { ...(root === undefined ? {} : { "": root }), ...Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`);
process.stdout.write(`${missing.length} platform packages added to package-lock.json\n`);

/** Returns undefined for packages that are optional for a reason other than their platform. */
function buildEntry(name: string, version: string, parent: LockEntry): LockEntry | undefined {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length === 0 && cpu.length === 0) return undefined;
  return {
    version,
    ...(cpu.length === 0 ? {} : { cpu }),
    ...(parent.dev === true ? { dev: true } : {}),
    optional: true,
    ...(os.length === 0 ? {} : { os }),
  };
}
