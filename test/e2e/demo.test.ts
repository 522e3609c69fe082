import { describe, expect, it } from "vitest";
import { runCli } from "../fixtures/cli-process.ts";

describe("sip-pushd demo", () => {
  it("shows that both phones got what SEMS, the NGCP proxy and Prosody asked for", async () => {
    const { code, stdout, stderr } = await runCli(["demo", "--once"]);

    expect(stderr).toBe("");
    expect(code).toBe(0);
    for (const sender of ["SEMS", "NGCP proxy", "Prosody"]) expect(stdout).toContain(sender);
    expect(stdout.match(/✔ iPhone/g)).toHaveLength(3);
    expect(stdout.match(/✔ Android/g)).toHaveLength(3);
    expect(stdout).toMatch(/the iPhone has registered: registered, at sip:alice@192\.0\.2\.7/);
    expect(stdout).toContain("the Android is told: answered_elsewhere");
  });

  it("prints its result as JSON", async () => {
    const { code, stdout } = await runCli(["demo", "--once", "--json"]);

    expect(code).toBe(0);
    const { ok, scenes, call } = JSON.parse(stdout);
    expect(ok).toBe(true);
    expect(call).toMatchObject({ ok: true, steps: [{}, {}, {}] });
    expect(scenes).toHaveLength(3);
    for (const { status, phones } of scenes) {
      expect(status).toBe(200);
      expect(phones).toEqual([
        expect.objectContaining({ received: true }),
        expect.objectContaining({ received: true }),
      ]);
    }
  });
});
