import {
  AggregatorRegistry,
  type MetricObjectWithValues,
  type MetricValue,
  type PrometheusContentType,
  type Registry,
} from "prom-client";
import { METRICS } from "./metric-definitions.ts";

/** Metrics of one process, in a form that can be sent to another. */
export type MetricsSnapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

/** A process of the gateway: a worker by its number, or the primary. */
export type Member = number | "primary";

/**
 * Merges the metrics of several processes into one page. Counters never fall, even if a process ends or does not
 * answer: Prometheus takes a falling counter for a restarted one and would count its value again.
 */
export interface MergedMetrics {
  /** Replaces the previous snapshot of this member. */
  put(member: Member, snapshot: MetricsSnapshot): void;
  /** Call when the member has ended. Its counters stay in the sums; its gauges are dropped. */
  retire(member: Member): void;
  /** Returns the page in Prometheus's text format: gauges of the `present` members, and counters of all. */
  render(present: ReadonlySet<Member>): Promise<string>;
}

const OUR_NAMES: ReadonlySet<string> = new Set(Object.values(METRICS).map(({ name }) => name));

export function createMergedMetrics(): MergedMetrics {
  const latest = new Map<Member, MetricsSnapshot>();
  let retired: Promise<MetricsSnapshot> = Promise.resolve([]);

  return {
    put: (member, snapshot) => void latest.set(member, snapshot),
    retire(member) {
      const counts = keepCounts(latest.get(member) ?? []);
      latest.delete(member);
      retired = retired.then((before) => merge([before, counts]).getMetricsAsJSON());
    },
    async render(present) {
      const members = [...latest].toSorted(([one], [other]) => String(one).localeCompare(String(other)));
      const said = members.map(([member, snapshot]) =>
        present.has(member) ? nameProcess(member, snapshot) : keepCounts(snapshot),
      );
      return merge([...said, await retired]).metrics();
    },
  };
}

function merge(snapshots: readonly MetricsSnapshot[]): Registry {
  return AggregatorRegistry.aggregate<PrometheusContentType>([...snapshots]);
}

function keepCounts(snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.filter(({ name, type }) => OUR_NAMES.has(name) && String(type) !== "gauge");
}

/** Labels Node's process metrics with their member, because a sum or average of them would mean nothing. */
function nameProcess(member: Member, snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.map((metric) => {
    if (OUR_NAMES.has(metric.name)) return metric;
    const values = metric.values.map((value) => ({ ...value, labels: { ...value.labels, worker: String(member) } }));
    return { ...metric, aggregator: "first", values };
  });
}
