import { expect, it } from "vitest";
import { createMergedMetrics, type Member } from "./merged-metrics.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

function aWorker(processMetrics = false): Metrics {
  return createMetrics({ version: "1.2.3", dialects: ["v1"], processMetrics });
}

/** A snapshot as it arrives from another process. */
async function snapshotOf(metrics: Metrics) {
  return structuredClone(await metrics.snapshot());
}

async function render(workers: readonly Metrics[], present?: readonly Member[]): Promise<string> {
  const merged = createMergedMetrics();
  for (const [index, worker] of workers.entries()) merged.put(index + 1, await snapshotOf(worker));
  return merged.render(new Set(present ?? workers.map((_, index) => index + 1)));
}

const ACCEPTED = { dialect: "v1", kind: "call" } as const;

it("adds up counters and histograms", async () => {
  const [one, other] = [aWorker(), aWorker()];
  one.count("pushesAccepted", ACCEPTED, 3);
  other.count("pushesAccepted", ACCEPTED, 4);
  one.observe("attemptDuration", { provider: "apns" }, 0.02);
  other.observe("attemptDuration", { provider: "apns" }, 0.3);

  const page = await render([one, other]);

  expect(page).toContain('sip_pushd_pushes_accepted_total{dialect="v1",kind="call"} 7\n');
  expect(page).toContain('sip_pushd_attempt_duration_seconds_bucket{le="0.025",provider="apns"} 1\n');
  expect(page).toContain('sip_pushd_attempt_duration_seconds_bucket{le="+Inf",provider="apns"} 2\n');
  expect(page).toContain('sip_pushd_attempt_duration_seconds_count{provider="apns"} 2\n');
  expect(page.match(/^# TYPE sip_pushd_attempt_duration_seconds histogram$/gm)).toHaveLength(1);
});

it("does not add up what all workers see alike", async () => {
  const workers = [aWorker(), aWorker()];
  for (const worker of workers) {
    worker.watchQueue(async () => ({ pending: 5, leased: 2 }));
    worker.setCredentialExpiries([{ app: "global", kind: "apns", expiresAt: 1_900_000_000_000 }]);
  }

  const page = await render(workers);

  expect(page).toContain('sip_pushd_queued_pushes{state="waiting"} 3\n');
  expect(page).toContain('sip_pushd_credential_expiry_timestamp_seconds{app="global",kind="apns"} 1900000000\n');
  expect(page).toMatch(/^sip_pushd_build_info\{.*\} 1$/m);
  expect(page).toContain("sip_pushd_config_last_reload_successful 1\n");
});

it("tells of a refused configuration if one process does", async () => {
  const [one, other] = [aWorker(), aWorker()];
  other.setConfigReload(false);

  expect(await render([one, other])).toContain("sip_pushd_config_last_reload_successful 0\n");
});

it("keeps the processes' own metrics apart, the start time too", async () => {
  const page = await render([aWorker(true), aWorker(true)]);

  for (const worker of [1, 2]) {
    expect(page).toMatch(new RegExp(`^sip_pushd_process_resident_memory_bytes\\{worker="${worker}"\\} \\d+`, "m"));
    expect(page).toMatch(new RegExp(`^sip_pushd_process_start_time_seconds\\{worker="${worker}"\\} \\d+`, "m"));
  }
});

it("still counts what a worker had counted that does not answer, but no longer what it had measured", async () => {
  const [one, silent] = [aWorker(), aWorker(true)];
  one.count("leasesLost", {}, 1);
  silent.count("leasesLost", {}, 2);
  silent.setCredentialExpiries([{ app: "old", kind: "apns", expiresAt: 1_000 }]);

  const page = await render([one, silent], [1]);

  expect(page).toContain("sip_pushd_leases_lost_total 3\n");
  expect(page).not.toContain('app="old"');
  expect(page).not.toContain('worker="2"');
});

it("still counts what ended workers had counted, once their numbers are taken by others", async () => {
  const merged = createMergedMetrics();
  for (const count of [2, 3, 5]) {
    const worker = aWorker(true);
    worker.count("leasesLost", {}, count);
    worker.observe("attemptDuration", { provider: "fcm" }, 0.02);
    merged.put(1, await snapshotOf(worker));
    merged.retire(1);
  }
  merged.put(1, await snapshotOf(aWorker()));

  const page = await merged.render(new Set([1]));

  expect(page).toContain("sip_pushd_leases_lost_total 10\n");
  expect(page).toContain('sip_pushd_attempt_duration_seconds_bucket{le="0.025",provider="fcm"} 3\n');
  expect(page).not.toContain("sip_pushd_process_");
});
