import { describe, expect, it } from "vitest";
import { startTimeServer, type TimeServerOptions } from "../../test/fixtures/time-server.ts";
import { createTimeCheck } from "./time.ts";

const NO_DAEMON = { verdict: "skipped", what: expect.stringContaining("No time daemon of this machine answers") };

/** `programs`: output of programs, by name. */
async function check(servers: readonly TimeServerOptions[], programs: Readonly<Record<string, string>> = {}) {
  await using started = new AsyncDisposableStack();
  const running = await Promise.all(servers.map(async (options) => started.use(await startTimeServer(options))));
  const checking = createTimeCheck({
    servers: running.map(({ host, port }) => ({ host, port })),
    run: async (command) => programs[command],
    timeoutMs: 400,
  });
  return await checking.run(AbortSignal.timeout(10_000));
}

describe("time servers", () => {
  it("are content with a clock that is right", async () => {
    expect(await check([{}])).toEqual([
      {
        verdict: "ok",
        what: expect.stringMatching(/^This machine's clock is [\d.]+ ms off against 127\.0\.0\.1 \(stratum 2\)\.$/),
      },
      NO_DAEMON,
    ]);
  });

  it.each([1_500, -1_500, 86_400_000])("find a clock that is %i ms off", async (aheadMs) => {
    expect(await check([{ aheadMs }])).toMatchObject([
      {
        verdict: "failed",
        what: expect.stringMatching(/s off against 127\.0\.0\.1 \(stratum 2\): more than a second\.$/),
      },
      NO_DAEMON,
    ]);
  });

  it("let half a second pass", async () => {
    expect(await check([{ aheadMs: 500 }])).toMatchObject([{ verdict: "ok" }, NO_DAEMON]);
  });

  it.each([
    ["is silent", { silent: true }, "no answer"],
    ["answers somebody else", { forged: true }, "no answer"],
    ["refuses", { stratum: 0, refusal: "RATE" }, "it refuses: RATE"],
    ["is not set itself", { leap: 3 }, "its own clock is not synchronised"],
  ])("do not count where one %s", async (_what, options, why) => {
    expect(await check([{}, options])).toMatchObject([
      { verdict: "ok" },
      { verdict: "warning", what: `127.0.0.1 gave no time: ${why}.` },
      NO_DAEMON,
    ]);
  });

  it("fail where none of them, and no daemon, confirms the time", async () => {
    expect(await check([{ silent: true }])).toMatchObject([
      { verdict: "warning" },
      NO_DAEMON,
      { verdict: "failed", what: "Nobody confirms this machine's time." },
    ]);
  });

  it("are not missed where the configuration names none", async () => {
    expect(await check([])).toMatchObject([
      { verdict: "skipped", what: expect.stringContaining("ntp_servers is empty") },
    ]);
  });
});

const CHRONY = `Reference ID    : C0000201 (192.0.2.1)
Stratum         : 3
System time     : 0.000012345 seconds slow of NTP time
Last offset     : +0.000001000 seconds
Leap status     : Normal
`;
const NTPQ = `     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
+192.0.2.1       192.0.2.9        2 u   33   64  377    0.123    0.456   0.010
*192.0.2.2       192.0.2.9        2 u   33   64  377    0.123   -1.234   0.010
`;

describe("this machine's daemon", () => {
  it.each([
    ["chronyc", CHRONY, "ok", "This machine's time daemon (chrony) is synchronised, 0.01 ms off."],
    [
      "chronyc",
      CHRONY.replace("0.000012345", "12.5"),
      "failed",
      "This machine's time daemon (chrony) is still 12.5 s off.",
    ],
    [
      "chronyc",
      CHRONY.replace("Normal", "Not synchronised"),
      "failed",
      "This machine's time daemon (chrony) is not synchronised.",
    ],
    ["ntpq", NTPQ, "ok", "This machine's time daemon (ntpd) is synchronised, 1 ms off."],
    ["ntpq", NTPQ.replace("*192", " 192"), "failed", "This machine's time daemon (ntpd) is not synchronised."],
    ["ntpq", NTPQ.replace("-1.234", "-2500.0"), "failed", "This machine's time daemon (ntpd) is still 2.5 s off."],
    ["timedatectl", "NTPSynchronized=yes\n", "ok", "This machine's time daemon (systemd) is synchronised."],
    ["timedatectl", "NTPSynchronized=no\n", "failed", "This machine's time daemon (systemd) is not synchronised."],
  ])("is asked by %s", async (program, output, verdict, what) => {
    const found = await check([{}], { [program]: output });

    expect(found.slice(1)).toMatchObject([{ verdict, what }]);
  });

  it("is asked by the next program where the first has no daemon", async () => {
    const found = await check([{}], { chronyc: "506 Cannot talk to daemon\n", timedatectl: "NTPSynchronized=yes\n" });

    expect(found.slice(1)).toMatchObject([{ verdict: "ok", what: expect.stringContaining("systemd") }]);
  });

  it("is enough where no time server answers", async () => {
    const found = await check([{ silent: true }], { chronyc: CHRONY });

    expect(found.map(({ verdict }) => verdict)).toEqual(["warning", "ok"]);
  });
});
