/**
 * Runs before the tests and installs commands that a bare Debian lacks; with `--e2e` also the other servers and the
 * browser.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** For `npm run test:e2e`: real SIP and XMPP software, and a browser. */
const OTHER_PROGRAMS = {
  "/usr/bin/chromium": "chromium",
  kamailio: "kamailio",
  "/usr/lib/x86_64-linux-gnu/kamailio/modules/http_client.so": "kamailio-utils-modules",
  "lua5.4": "lua5.4",
  prosody: "prosody",
  sipp: "sip-tester",
};

/** Command, or a file's path → Debian package. */
const NEEDED: Readonly<Record<string, string>> = {
  ...(process.argv.includes("--e2e") ? OTHER_PROGRAMS : {}),
  curl: "curl",
  named: "bind9",
  openssl: "openssl",
  "redis-server": "redis-server",
  "redis-sentinel": "redis-sentinel",
  strace: "strace",
};

function isInstalled(command: string): boolean {
  if (command.startsWith("/")) return existsSync(command);
  // Also where daemons are installed, which not every PATH includes.
  return [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"].some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function install(packages: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...args: string[]) =>
    spawnSync("apt-get", args, { stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
  return run("update", "-qq") && run("install", "-y", "-qq", "--no-install-recommends", ...packages);
}

const missing = Object.keys(NEEDED).filter((command) => !isInstalled(command));
if (missing.length > 0) {
  const packages = [...new Set(missing.map((command) => NEEDED[command] ?? command))];
  const canInstall = process.getuid?.() === 0 && isInstalled("apt-get");
  console.log(`The tests need ${missing.join(", ")}${canInstall ? ": installing" : ""}`);
  if (!canInstall || !install(packages) || !missing.every(isInstalled)) {
    console.error(`Install it and run the tests again. On Debian: sudo apt-get install ${packages.join(" ")}`);
    process.exitCode = 1;
  }
}
