import { DIALECT_NAMES, METRICS, type LabelValues, type MetricDefinition } from "./metric-definitions.ts";
import { METRIC_PREFIX } from "./metrics.ts";

/** `docs/reference/metrics.md`, made from the definitions. */
export function renderMetricsReference(): string {
  return `# Metrics

<!-- Made from src/telemetry/metric-definitions.ts by scripts/metrics-docs.ts. Do not edit. -->

\`GET /metrics\` answers in Prometheus' text format. Labels have few values: no domain, subscriber, device or token is ever one,
and a value that is not listed here is counted as \`other\`. The log has what the labels leave out.

${Object.values(METRICS).map(renderMetric).join("\n")}
## The process

prom-client's metrics of Node.js and of the process come with the prefix \`${METRIC_PREFIX}\`, among them
\`${METRIC_PREFIX}process_cpu_seconds_total\`, \`${METRIC_PREFIX}process_resident_memory_bytes\`,
\`${METRIC_PREFIX}process_open_fds\`, \`${METRIC_PREFIX}nodejs_eventloop_lag_p99_seconds\` and
\`${METRIC_PREFIX}nodejs_gc_duration_seconds\`.

## Several worker processes

With \`processes\` above 1 any worker answers for all of them. Counters and histograms are sums, which keep what a worker that ended or hangs
had counted by the last scrape; gauges are the gateway's as a whole. The metrics of Node.js and of the process have one more label,
\`worker\`: its number, or \`primary\` for the process that looks after the workers.
`;
}

function renderMetric({ type, name, help, labels, buckets }: MetricDefinition): string {
  const rows = Object.entries(labels).map(([label, values]) => `- \`${label}\`: ${renderValues(label, values)}`);
  if (buckets !== undefined) rows.push(`- buckets, in seconds: ${buckets.join(", ")}`);
  const list = rows.length > 0 ? `\n${rows.join("\n")}\n` : "";
  return `## \`${name}\`\n\n${type}. ${help}\n${list}`;
}

function renderValues(label: string, values: LabelValues): string {
  if (values === DIALECT_NAMES) return "the form in which the request came, e.g. `v1`, `sipwise`";
  if (values.length === 0) return OWN_NAME_MEANINGS[label] ?? "named in the configuration";
  return values.map((value) => `\`${value}\``).join(", ");
}

const OWN_NAME_MEANINGS: Readonly<Record<string, string>> = {
  app: "the app's name in the configuration",
  kind: "what expires, e.g. `certificate`",
  version: "of sip-pushd",
  node_version: "of Node.js",
};
