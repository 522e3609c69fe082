import { describe, expect, it } from "vitest";
import { createPortsCheck, parseKernelPorts } from "./ports.ts";

const RANGE = "32768\t60999\n";

async function check(ports: readonly number[], reserved: string, range = RANGE) {
  const readKernelPorts = () => parseKernelPorts(range, reserved);
  return createPortsCheck({ ports, readKernelPorts }).run(AbortSignal.timeout(1_000));
}

describe("the ports of the listeners", () => {
  it("are named if outgoing connections can take them, with the whole setting that reserves them", async () => {
    expect(await check([45_060, 45_059, 8080, 45_060], "8080,40000-40010\n")).toEqual([
      {
        verdict: "warning",
        what: expect.stringContaining(
          "The listener ports 45060, 45059 lie in the range that the kernel uses for outgoing connections (32768-60999)",
        ),
        mend: expect.stringContaining(
          "sysctl -w net.ipv4.ip_local_reserved_ports=8080,40000-40010,45060,45059; for good,",
        ),
      },
    ]);
  });

  it.each([
    ["lie outside of the range", [32_767, 61_000, 8080], "\n"],
    ["are reserved", [45_059, 45_060], "45059-45060,45100\n"],
  ])("are right if they %s", async (_how, ports, reserved) => {
    expect(await check(ports, reserved)).toMatchObject([{ verdict: "ok" }]);
  });

  it.each([32_768, 60_999])("are looked at to the ends of the range: %i", async (port) => {
    expect(await check([port], "")).toMatchObject([{ verdict: "warning" }]);
  });

  it.each([
    ["a system without such files", [45_059], ""],
    ["listeners on any free port", [0], RANGE],
  ])("are not judged on %s", async (_where, ports, range) => {
    expect(await check(ports, "", range)).toMatchObject([{ verdict: "skipped" }]);
  });
});
