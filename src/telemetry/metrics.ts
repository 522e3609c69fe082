import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AlarmKind } from "../gateway/alarm.ts";
import type { QueueDepth } from "../gateway/push-store.ts";
import type { QueueUse } from "../push/queue-room.ts";
import type { MetricsSnapshot } from "./merged-metrics.ts";
import {
  DIALECT_NAMES,
  METRICS,
  type CounterKey,
  type HistogramKey,
  type LabelsOf,
  type LabelValues,
  type MetricDefinition,
} from "./metric-definitions.ts";

export interface CredentialExpiry {
  /** The app's name in the configuration; `gateway` for the listener's certificate. */
  readonly app: string;
  /** The credential, such as `certificate`. */
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface Metrics {
  count<K extends CounterKey>(metric: K, labels: LabelsOf<K>, by?: number): void;
  observe<K extends HistogramKey>(metric: K, labels: LabelsOf<K>, seconds: number): void;
  /** `readDepth` is called at each scrape. */
  watchQueue(readDepth: () => Promise<QueueDepth>): void;
  /** `readUse` is called at each scrape. */
  watchQueueUse(readUse: () => Promise<QueueUse>): void;
  /** `readSize` is called at each scrape. */
  watchWaits(readSize: () => number): void;
  watchPushWaits(readSize: () => number): void;
  /** Replaces all expiries set before, so that removed credentials disappear. */
  setCredentialExpiries(expiries: readonly CredentialExpiry[]): void;
  setConfigReload(successful: boolean): void;
  setAlarm(kind: AlarmKind, app: string, stands: boolean): void;
  /** Returns the page in Prometheus's text format. */
  render(): Promise<string>;
  /** Returns the same metrics for another process to merge. */
  snapshot(): Promise<MetricsSnapshot>;
  readonly contentType: string;
}

export interface MetricsDeps {
  readonly version: string;
  /** Sources of requests, as the events name them. Any other is counted as `other`. */
  readonly dialects: readonly string[];
  /** Adds prom-client's process metrics. Tests turn them off, because they cannot be stopped. */
  readonly processMetrics?: boolean;
}

export const METRIC_PREFIX = "sip_pushd_";

/**
 * Metrics with at most this many possible series show all of them from the start, so that the first event is a rise as
 * well.
 */
const MAX_SERIES_SHOWN_EMPTY = 32;

export function createMetrics({ version, dialects, processMetrics = true }: MetricsDeps): Metrics {
  const registry = new Registry();
  const bounds = readBounds(dialects);
  const counters = createCounters(registry, bounds);
  const histograms = createHistograms(registry);
  const queue = createQueueGauge(registry);
  const queueUse = createQueueUseGauge(registry);
  const expiry = createGauge(registry, METRICS.credentialExpiry);
  const alarm = createGauge(registry, METRICS.alarm);
  const reload = createGauge(registry, METRICS.configReload);
  reload.set(1);
  createGauge(registry, METRICS.buildInfo).set({ version, node_version: process.version }, 1);
  if (processMetrics) collectDefaultMetrics({ register: registry, prefix: METRIC_PREFIX });

  return {
    count: (metric, labels, by = 1) => counters[metric].inc(bounds.apply(METRICS[metric], labels), by),
    observe: (metric, labels, seconds) => histograms[metric].observe(bounds.apply(METRICS[metric], labels), seconds),
    watchQueue: queue.watch,
    watchQueueUse: queueUse.watch,
    watchWaits: (readSize) => watchGauge(registry, METRICS.callsWaitedFor, readSize),
    watchPushWaits: (readSize) => watchGauge(registry, METRICS.pushesWaitedFor, readSize),
    setCredentialExpiries(expiries) {
      expiry.reset();
      for (const { app, kind, expiresAt } of expiries) expiry.set({ app, kind }, expiresAt / 1000);
    },
    setAlarm: (alarmKind, app, stands) => alarm.set({ alarm: alarmKind, app }, stands ? 1 : 0),
    setConfigReload: (successful) => reload.set(successful ? 1 : 0),
    render: () => registry.metrics(),
    snapshot: () => registry.getMetricsAsJSON(),
    contentType: registry.contentType,
  };
}

interface Bounds {
  valuesOf(definition: MetricDefinition, label: string): LabelValues;
  apply(definition: MetricDefinition, labels: Readonly<Record<string, string>>): Record<string, string>;
}

function readBounds(dialects: readonly string[]): Bounds {
  const valuesOf = ({ labels }: MetricDefinition, label: string): LabelValues => {
    const values = labels[label] ?? [];
    return values === DIALECT_NAMES ? dialects : values;
  };
  return {
    valuesOf,
    apply(definition, labels) {
      const bounded: Record<string, string> = {};
      for (const label in definition.labels) {
        const value = labels[label] ?? "other";
        bounded[label] = valuesOf(definition, label).includes(value) ? value : "other";
      }
      return bounded;
    },
  };
}

function createCounters(registry: Registry, bounds: Bounds): Record<CounterKey, Counter> {
  return createAll<CounterKey, Counter>("counter", (definition) => {
    const { name, help, labels } = definition;
    const counter = new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] });
    const series = everySeries(Object.keys(labels).map((label) => [label, bounds.valuesOf(definition, label)]));
    if (series.length < MAX_SERIES_SHOWN_EMPTY) for (const one of series) counter.inc(one, 0);
    return counter;
  });
}

function createHistograms(registry: Registry): Record<HistogramKey, Histogram> {
  return createAll<HistogramKey, Histogram>("histogram", ({ name, help, labels, buckets = [] }) => {
    const labelNames = Object.keys(labels);
    return new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] });
  });
}

function createAll<K extends string, M>(
  type: MetricDefinition["type"],
  create: (definition: MetricDefinition) => M,
): Record<K, M> {
  const ofType = Object.entries<MetricDefinition>(METRICS).filter(([, definition]) => definition.type === type);
  return Object.fromEntries(ofType.map(([key, definition]) => [key, create(definition)])) as Record<K, M>;
}

function createGauge(registry: Registry, definition: MetricDefinition): Gauge {
  return new Gauge({ ...configureGauge(definition), registers: [registry] });
}

function configureGauge({ name, help, labels, merge = "first" }: MetricDefinition) {
  return { name, help, labelNames: Object.keys(labels), aggregator: merge };
}

function watchGauge(registry: Registry, definition: MetricDefinition, read: () => number): void {
  const gauge: Gauge = new Gauge({
    ...configureGauge(definition),
    registers: [registry],
    collect: () => gauge.set(read()),
  });
}

function createQueueGauge(registry: Registry): { watch: Metrics["watchQueue"] } {
  return createStoreGauge<QueueDepth>(registry, METRICS.queuedPushes, (gauge, depth) => {
    gauge.set({ state: "waiting" }, depth.pending - depth.leased);
    gauge.set({ state: "leased" }, depth.leased);
  });
}

function createQueueUseGauge(registry: Registry): { watch: Metrics["watchQueueUse"] } {
  return createStoreGauge<QueueUse>(registry, METRICS.queueUse, (gauge, use) => {
    for (const [bound, used] of Object.entries(use)) gauge.set({ bound }, used);
  });
}

/** A gauge that reads its values from the store at each scrape. */
function createStoreGauge<T>(
  registry: Registry,
  definition: MetricDefinition,
  set: (gauge: Gauge, value: T) => void,
): { watch: (read: () => Promise<T>) => void } {
  let read: (() => Promise<T>) | undefined;
  const gauge: Gauge = new Gauge({
    ...configureGauge(definition),
    registers: [registry],
    async collect() {
      gauge.reset();
      // Other metrics are still shown if the store does not answer.
      const value = await read?.().catch(() => undefined);
      if (value !== undefined) set(gauge, value);
    },
  });
  return {
    watch(next) {
      read = next;
    },
  };
}

/** Cartesian product of the labels' values. */
function everySeries(labels: readonly (readonly [string, LabelValues])[]): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (series, [label, values]) => series.flatMap((one) => values.map((value) => ({ ...one, [label]: value }))),
    [{}],
  );
}
