import {
  AggregatorRegistry,
  type MetricObjectWithValues,
  type MetricValue,
  type PrometheusContentType,
  type Registry,
} from "prom-client";
import { METRICS } from "./metric-definitions.ts";

/** What one process has counted and measured, in a form that can be sent to another. */
export type MetricsSnapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

/** A process of the gateway: a worker by its number, or the one that looks after the workers. */
export type Member = number | "primary";

/**
 * The metrics of several processes as one page. Counts never fall, whoever ends or does not answer: Prometheus takes a
 * counter that falls for one that began anew, and would see all that is left of it as new events.
 */
export interface MergedMetrics {
  /** In place of what this member said before. */
  put(member: Member, snapshot: MetricsSnapshot): void;
  /** The member has ended: what it had counted stays, what it had measured goes. */
  retire(member: Member): void;
  /** The page. What is measured comes from those who are `present`; what is counted from all. */
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

/** What Node.js says of a process would mean nothing in sum or on average: each process keeps its own. */
function nameProcess(member: Member, snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.map((metric) => {
    if (OUR_NAMES.has(metric.name)) return metric;
    const values = metric.values.map((value) => ({ ...value, labels: { ...value.labels, worker: String(member) } }));
    return { ...metric, aggregator: "first", values };
  });
}
