import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** Runs a line in a shell. The command's own exit code is printed to standard error. */
async function runInShell(line: string): Promise<{ readonly stderr: string }> {
  const shell = spawn("bash", ["-c", `(${line.replaceAll("SIP_PUSHD", `${process.execPath} ${MAIN}`)})`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  shell.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(shell, "close");
  return { stderr };
}

describe("a command whose output is no longer read", () => {
  it.each(["config schema", "--help", "serve --help"])(
    "ends without a word and with its own exit code: %s",
    async (args) => {
      const { stderr } = await runInShell(`(SIP_PUSHD ${args}; echo "code $?" >&2) | head -c 1 > /dev/null`);

      expect(stderr).toBe("code 0\n");
    },
  );

  it("says that a full disk took nothing, and ends with 2", async () => {
    const { stderr } = await runInShell(`SIP_PUSHD config schema > /dev/full; echo "code $?" >&2`);

    expect(stderr).toMatch(/^sip-pushd: could not write the output: .*ENOSPC.*\ncode 2\n$/);
  });
});
