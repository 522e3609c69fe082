import { judge, type JudgedTarget, type Target } from "../arithmetic/verdicts.ts";

const STORES = [
  ["sqlite", "SQLite"],
  ["redis", "Redis"],
] as const;

const forStores = (id: string, title: string, bound: Target["bound"], limits: readonly [number, number]): Target[] =>
  STORES.map(([key, name], place) => ({
    id: `${id}-${key}`,
    title: `${name}: ${title}`,
    bound,
    limit: limits[place] ?? Number.NaN,
  }));

/** The promises. Most of them are ratios of figures of one run. */
const TARGETS: readonly Target[] = [
  ...forStores("cpu-closed", "CPU per push at saturation ÷ floor", "at most", [2.2, 2.3]),
  ...forStores("cpu-500", "CPU per push at 500/s ÷ floor", "at most", [1.6, 1.7]),
  { id: "peer-closed", title: "Redis: CPU with Redis's own at saturation ÷ peer", bound: "at most", limit: 0.95 },
  { id: "peer-500", title: "Redis: CPU with Redis's own at 500/s ÷ peer", bound: "at most", limit: 1.3 },
  ...forStores("provider-p50", "request → provider at 500/s, p50 ÷ floor", "at most", [1.3, 1.3]),
  ...forStores("provider-p99", "request → provider at 500/s, p99 ÷ floor", "at most", [2, 2]),
  ...forStores("provider-50ms", "delivered/s with a provider at 50 ms ÷ at 0 ms", "at least", [0.95, 0.95]),
  { id: "two-processes", title: "CPU per push, two processes at twice the rate ÷ one", bound: "at most", limit: 1.1 },
  { id: "rss-fresh", title: "RSS fresh ÷ floor", bound: "at most", limit: 1.25 },
  { id: "rss-saturated", title: "RSS at saturation, steady, MB", bound: "at most", limit: 300 },
  { id: "start", title: "start to first accepted push, s", bound: "at most", limit: 0.5 },
  ...forStores("million-devices", "CPU per push with 1 000 000 devices ÷ 1 000", "at most", [1.1, 1.1]),
  { id: "million-waiting", title: "CPU per push with 1 000 000 waiting ÷ none", bound: "at most", limit: 1.1 },
  { id: "drain", title: "drain of the backlog after the ramp ÷ saturation throughput", bound: "at least", limit: 0.9 },
  ...forStores("waiting-bytes", "bytes per waiting push", "at most", [700, 1_200]),
  { id: "device-bytes-redis", title: "Redis: bytes per device", bound: "at most", limit: 600 },
  {
    id: "worker-refused",
    title: "two processes, one killed: requests not answered for, s",
    bound: "at most",
    limit: 0.2,
  },
  { id: "worker-lost", title: "two processes, one killed: accepted pushes lost", bound: "at most", limit: 0 },
];

/** Values by the id of their target. */
export type Figures = Readonly<Record<string, number>>;

export function judgeAll(figures: Figures): readonly JudgedTarget[] {
  return TARGETS.map((target) => judge(target, figures[target.id]));
}
