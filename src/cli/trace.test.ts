import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { problem, startFakeGateway, type FakeGateway } from "../../test/fixtures/fake-gateway.ts";
import { anAndroidDelivery, at, aTracedCall, aTracedPush } from "../../test/fixtures/traced.ts";
import { buildTraceCommand } from "./trace.ts";
import type { TraceReport } from "../trace/trace-report.ts";

const DEAD = aTracedPush({
  state: "failed",
  deliveries: [anAndroidDelivery({ state: "failed", reason: "UNREGISTERED", tries: [] })],
});
const UNREACHABLE = aTracedCall({ state: "unreachable", reason: "UNREGISTERED", ended_at: at(80), pushes: [DEAD] });
const EARLIER = aTracedCall({ call_id: "earlier", state: "cancelled", ended_at: at(2_000) });

let gateway: FakeGateway;

beforeEach(async () => {
  gateway = await startFakeGateway();
});
afterEach(() => gateway[Symbol.asyncDispose]());

function trace(ref: string, report: Partial<TraceReport> = {}, ...args: string[]) {
  gateway.answer(`GET /v1/traces/${encodeURIComponent(ref)}`, { body: { calls: [], pushes: [], ...report } });
  return runCli(buildTraceCommand, [ref, ...args], { SIP_PUSHD_URL: gateway.url });
}

describe("sip-pushd trace", () => {
  it("tells a call, and why a phone was not there", async () => {
    const { stdout, exitCode } = await trace("a84b4c76e66710@pc33.example.com", { calls: [UNREACHABLE] });

    expect(stdout).toMatch(/^Call a84b4c76e66710@pc33\.example\.com: \+4315551234 calls alice@example\.org\n/);
    expect(stdout).toContain("\nNo phone could be woken: the call was given up after 80 ms.\n");
    expect(stdout).toContain("\npixel was not reached: UNREGISTERED\n");
    expect(stdout).toContain("What to do:   Open the app on the phone and sign in again");
    expect(exitCode).toBe(0);
  });

  it("lists a subscriber's calls, and tells the newest of them", async () => {
    const { stdout } = await trace("alice@example.org", { calls: [UNREACHABLE, EARLIER] });

    const [head, first, second, ...rest] = stdout.split("\n");
    expect(head).toMatch(/^BEGUN +CALL-ID +CALLER +WHAT HAPPENED$/);
    expect(first).toMatch(/a84b4c76e66710@pc33.example.com +\+4315551234 +No phone could be woken/);
    expect(second).toMatch(/earlier +\+4315551234 +The caller hung up after 2 s/);
    expect(rest.filter((line) => line.startsWith("Call "))).toEqual([
      "Call a84b4c76e66710@pc33.example.com: +4315551234 calls alice@example.org",
    ]);
  });

  it("tells of all whom one call was for", async () => {
    const bobs = { ...EARLIER, call_id: UNREACHABLE.call_id, callee: "bob@example.org" };

    const { stdout } = await trace(UNREACHABLE.call_id, { calls: [UNREACHABLE, bobs] });

    expect(stdout.match(/^Call .*$/gm)).toHaveLength(2);
  });

  it("tells a push that rings for no call", async () => {
    const { stdout } = await trace(DEAD.id, { pushes: [{ ...DEAD, kind: "message" }] });

    expect(stdout).toContain(`Push ${DEAD.id}: message for alice@example.org`);
    expect(stdout).toContain("\nThe message push failed: it was taken for 0 of 1 phones.\n");
  });

  it("prints JSON, with what happened beside what is known", async () => {
    const { stdout } = await trace(UNREACHABLE.call_id, { calls: [UNREACHABLE] }, "--json");

    expect(JSON.parse(stdout)).toMatchObject({
      calls: [
        {
          ...UNREACHABLE,
          conclusion: "No phone could be woken: the call was given up after 80 ms.",
          troubles: [{ phones: ["pixel"], reason: "UNREGISTERED", explanation: { what_to_do: expect.any(String) } }],
        },
      ],
      pushes: [],
    });
  });

  it("says what to look at where nothing is known", async () => {
    gateway.answer("GET /v1/traces/what", problem(404, "not_found", "Nothing is known of what.", { field: "ref" }));
    const ask = (...args: string[]) => runCli(buildTraceCommand, ["what", ...args], { SIP_PUSHD_URL: gateway.url });

    const { stdout, exitCode } = await ask();
    const json = await ask("--json");

    expect(stdout).toMatch(/^Nothing is known of what\.\n/);
    expect(stdout).toContain("store.retention_hours");
    expect(exitCode).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({ calls: [], pushes: [] });
    expect(json.exitCode).toBe(1);
  });

  it("fails where the gateway cannot say it", async () => {
    gateway.answer("GET /v1/traces/what", problem(503, "store_unavailable", "The store is away."));

    const { stderr, exitCode } = await runCli(buildTraceCommand, ["what"], { SIP_PUSHD_URL: gateway.url });

    expect(stderr).toContain("The store is away.");
    expect(exitCode).toBe(2);
  });
});
