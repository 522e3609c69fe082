import { expect, it } from "vitest";
import { METRICS } from "./metric-definitions.ts";
import { createMetrics } from "./metrics.ts";
import { renderMetricsReference } from "./metrics-reference.ts";

function aMetrics() {
  return createMetrics({ version: "1.2.3", dialects: ["v1"], processMetrics: false });
}

it("keeps two gateways in one process apart", async () => {
  const [one, other] = [aMetrics(), aMetrics()];

  one.count("leasesLost", {});

  expect(await one.render()).toContain("sip_pushd_leases_lost_total 1");
  expect(await other.render()).toContain("sip_pushd_leases_lost_total 0");
});

it("does not grow with what strangers send", async () => {
  const metrics = aMetrics();
  for (let index = 0; index < 50; index += 1) {
    const stranger = `stranger-${index}`;
    metrics.count("pushesRefused", { dialect: stranger, code: stranger });
    metrics.count("pushesSuppressed", { reason: stranger });
    metrics.count("attemptFailures", { provider: stranger, outcome: stranger, reason: stranger });
  }

  const page = await metrics.render();

  expect(page).not.toContain("stranger");
  expect(page).toContain(`sip_pushd_pushes_refused_total{dialect="other",code="other"} 50`);
});

it("shows a counter with few series before its first event", async () => {
  expect(await aMetrics().render()).toContain(`sip_pushd_pushes_accepted_total{dialect="v1",kind="call"} 0`);
});

it("asks the store for the depth of the queue at each scrape", async () => {
  const metrics = aMetrics();
  let pending = 3;
  metrics.watchQueue(async () => ({ pending, leased: 1 }));

  const first = await metrics.render();
  pending = 7;
  const second = await metrics.render();

  expect(first).toContain(`sip_pushd_queued_pushes{state="waiting"} 2`);
  expect(first).toContain(`sip_pushd_queued_pushes{state="leased"} 1`);
  expect(second).toContain(`sip_pushd_queued_pushes{state="waiting"} 6`);
});

it("asks the store at each scrape how much of the queue's bounds is used", async () => {
  const metrics = aMetrics();
  metrics.watchQueueUse(async () => ({ queue: 0.5, messages: 1, domain: 0.25 }));

  const page = await metrics.render();

  expect(page).toContain(`sip_pushd_queue_use_ratio{bound="queue"} 0.5`);
  expect(page).toContain(`sip_pushd_queue_use_ratio{bound="messages"} 1`);
  expect(page).toContain(`sip_pushd_queue_use_ratio{bound="domain"} 0.25`);
});

it("still shows everything else while the store does not answer", async () => {
  const metrics = aMetrics();
  metrics.watchQueue(() => Promise.reject(new Error("no store")));

  const page = await metrics.render();

  expect(page).not.toMatch(/^sip_pushd_queued_pushes\{/m);
  expect(page).toContain("sip_pushd_leases_lost_total 0");
});

it("forgets the expiry of a credential that is no longer configured", async () => {
  const metrics = aMetrics();
  metrics.setCredentialExpiries([{ app: "old", kind: "certificate", expiresAt: 1_000 }]);

  metrics.setCredentialExpiries([{ app: "main", kind: "certificate", expiresAt: 1_900_000_000_000 }]);

  const page = await metrics.render();
  expect(page).toContain(`credential_expiry_timestamp_seconds{app="main",kind="certificate"} 1900000000`);
  expect(page).not.toContain(`app="old"`);
});

it("tells its version, and how the process is", async () => {
  const metrics = createMetrics({ version: "1.2.3", dialects: [] });

  const page = await metrics.render();

  expect(page).toContain(`sip_pushd_build_info{version="1.2.3",node_version="${process.version}"} 1`);
  expect(page).toMatch(/^sip_pushd_process_resident_memory_bytes \d+/m);
});

it("names every metric with our prefix and its unit", () => {
  const unit = { counter: "_total", histogram: "_seconds", gauge: "" } as const;

  for (const { name, type } of Object.values(METRICS)) {
    expect(name).toMatch(new RegExp(`^sip_pushd_[a-z_]+${unit[type]}$`));
  }
});

it("has no label for a domain, a subscriber, a device or a token", () => {
  const labels = new Set(Object.values(METRICS).flatMap((metric) => Object.keys(metric.labels)));

  const expected = [
    "alarm",
    "app",
    "bound",
    "code",
    "dialect",
    "environment",
    "kind",
    "node_version",
    "outcome",
    "provider",
    "reason",
    "state",
    "step",
    "version",
  ];
  expect([...labels].toSorted()).toEqual(expected);
});

it("documents every metric", () => {
  const reference = renderMetricsReference();

  for (const { name, help } of Object.values(METRICS)) {
    expect(reference).toContain(`## \`${name}\``);
    expect(reference).toContain(help);
  }
});

it("documents process metrics that exist", async () => {
  const page = await createMetrics({ version: "1", dialects: [] }).render();

  const named = renderMetricsReference().match(/`sip_pushd_(?:process|nodejs)_[a-z0-9_]+`/g) ?? [];

  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(page).toContain(name.replaceAll("`", ""));
});
