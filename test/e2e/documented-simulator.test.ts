import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli, startCli } from "../fixtures/cli-process.ts";
import { readFencedBlocks } from "../fixtures/fenced-blocks.ts";
import { findFreePort } from "../fixtures/http-tools.ts";

const LINES = readFencedBlocks("docs/install.md").flatMap(({ text }) => text.split("\n"));

/** Returns the arguments of the page's line for a clone, with `certs` in another folder. */
function readArguments(command: string, directory: string): string[] {
  const start = `npm run -s sip-pushd -- ${command} `;
  const line = LINES.find((one) => one.startsWith(start));
  if (line === undefined) throw new Error(`docs/install.md has no line "${start}…"`);
  const [, args = ""] = line.replace(/\s+#.*$/, "").split(" -- ");
  return args.split(" ").map((word) => word.replace(/^certs(?=\/|$)/, directory));
}

/** Other gateways and simulators may run on this machine. */
async function useFreePorts(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const [tls, plain] = [await findFreePort(), await findFreePort()];
  expect(text).toContain("45060");
  await writeFile(file, text.replace("45060", String(tls)).replace("45059", String(plain)));
}

it("the documented set-up with the simulator passes the checklist", async () => {
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-install-"));
  try {
    await using simulator = startCli([...readArguments("simulate", directory), "--port", "0"]);
    await simulator.waitFor(/A gateway for it/);
    await useFreePorts(join(directory, "config.yml"));
    await using gateway = startCli(readArguments("serve", directory));
    await gateway.waitFor(/"listen":"https:/);

    const { code, stdout } = await runCli(readArguments("check", directory));

    expect(stdout).not.toMatch(/^(?:✖|!)/m);
    expect(stdout).toMatch(/✔ push .*taken by the provider/);
    expect(code).toBe(0);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 60_000);
