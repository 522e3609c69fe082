import { ALARM_KINDS } from "../gateway/alarm.ts";
import { ERROR_CODES } from "../gateway/errors.ts";
import { FULL_BOUNDS } from "../gateway/push-store.ts";
import { CALL_STATES, isCallEnded } from "../push/call.ts";
import { PROVIDER_NAMES } from "../providers/providers.ts";
import { THROTTLE_REASONS } from "../push/throttled.ts";
import type { OutcomeKind } from "../push/outcome.ts";
import { PUSH_KINDS, PUSH_STATES } from "../push/push.ts";
import { QUEUE_BOUNDS } from "../push/queue-room.ts";
import { ACCIDENT_METRICS } from "./accident-metrics.ts";
import { PROVIDER_REASONS } from "./provider-reasons.ts";
import { SUBSCRIBER_METRICS } from "./subscriber-metrics.ts";

/** Possible values of a label. Any other value is counted as `other`, which bounds the number of series. */
export type LabelValues = readonly string[];

/** Sources of requests. The dialects name them in code, and `createMetrics` receives the list. */
export const DIALECT_NAMES: LabelValues = [];

/** Names from the gateway's own configuration: few, but unknown here. A request can never add one. */
const OWN_NAMES: LabelValues = [];

export interface MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelValues>>;
  /** Upper bounds in seconds. */
  readonly buckets?: readonly number[];
  /** How to combine a gauge of several worker processes. */
  readonly merge?: "first" | "min" | "max" | "sum";
}

const OUTCOME_KINDS = Object.keys({
  delivered: true,
  unregistered: true,
  rejected: true,
  deferred: true,
  misconfigured: true,
} satisfies Record<OutcomeKind, true>);

const ENDS = PUSH_STATES.filter((state) => state !== "pending");
const DELIVERY_ENDS = ENDS.filter((state) => state !== "suppressed");
const SUPPRESS_REASONS = ["push_disabled", "no_device", "domain_disabled"];

const ATTEMPT_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const ACCEPT_TO_PROVIDER_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

const WAKE_BUCKETS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 45, 60];

/** All metrics with their names. `docs/reference/metrics.md` is generated from this table. */
export const METRICS = {
  pushesAccepted: {
    type: "counter",
    name: "sip_pushd_pushes_accepted_total",
    help: "Pushes that were stored and will be delivered.",
    labels: { dialect: DIALECT_NAMES, kind: PUSH_KINDS },
  },
  pushesRefused: {
    type: "counter",
    name: "sip_pushd_pushes_refused_total",
    help: "Requests that were answered with an error, by the error's code.",
    labels: { dialect: DIALECT_NAMES, code: ERROR_CODES },
  },
  requestsShed: {
    type: "counter",
    name: "sip_pushd_requests_shed_total",
    help: "Requests that were refused unread, with 503 and `overloaded`, because the gateway had more to do than it could.",
    labels: {},
  },
  connectionsRefused: {
    type: "counter",
    name: "sip_pushd_connections_refused_total",
    help: "Connections that were closed at once because their address had too many that had not shown a valid API key (`limits.connections_without_key`).",
    labels: {},
  },
  pushesRepeated: {
    type: "counter",
    name: "sip_pushd_pushes_repeated_total",
    help: "Requests that named a push a second time, and were answered with the first one.",
    labels: { dialect: DIALECT_NAMES, kind: PUSH_KINDS },
  },
  pushesSuppressed: {
    type: "counter",
    name: "sip_pushd_pushes_suppressed_total",
    help: "Pushes that were not sent because nobody wants them, or no device can take them.",
    labels: { reason: SUPPRESS_REASONS },
  },
  dataRenamed: {
    type: "counter",
    name: "sip_pushd_data_renamed_total",
    help: "Accepted pushes whose data had names that Google reserves, which were changed.",
    labels: { dialect: DIALECT_NAMES },
  },
  callsEnded: {
    type: "counter",
    name: "sip_pushd_calls_ended_total",
    help: "Calls whose end was told, or that no phone could be woken for.",
    labels: { state: CALL_STATES.filter(isCallEnded) },
  },
  callsWaitedFor: {
    type: "gauge",
    name: "sip_pushd_calls_waited_for",
    help: "Calls whose platform waits until a phone has registered.",
    labels: {},
    merge: "sum",
  },
  pushesWaitedFor: {
    type: "gauge",
    name: "sip_pushd_pushes_waited_for",
    help: "Requests that hold their answer until a push has ended (`Prefer: wait`).",
    labels: {},
    merge: "sum",
  },
  wakeTime: {
    type: "histogram",
    name: "sip_pushd_wake_time_seconds",
    help: "From the request to ring to a phone's registration. `other`: the platform did not say which phone it was.",
    labels: { provider: [...PROVIDER_NAMES, "other"] },
    buckets: WAKE_BUCKETS,
  },
  pushesEnded: {
    type: "counter",
    name: "sip_pushd_pushes_ended_total",
    help: "Accepted pushes that reached their terminal state.",
    labels: { kind: PUSH_KINDS, state: ENDS },
  },
  deliveriesEnded: {
    type: "counter",
    name: "sip_pushd_deliveries_ended_total",
    help: "Deliveries (one push to one device) that reached their terminal state.",
    labels: { provider: PROVIDER_NAMES, state: DELIVERY_ENDS },
  },
  attempts: {
    type: "counter",
    name: "sip_pushd_attempts_total",
    help: "Attempts at a provider, by their outcome.",
    labels: { provider: PROVIDER_NAMES, outcome: OUTCOME_KINDS },
  },
  attemptFailures: {
    type: "counter",
    name: "sip_pushd_attempt_failures_total",
    help: "Attempts that did not deliver, by the provider's reason.",
    labels: { provider: PROVIDER_NAMES, outcome: OUTCOME_KINDS, reason: PROVIDER_REASONS },
  },
  unknownAnswers: {
    type: "counter",
    name: "sip_pushd_unknown_answers_total",
    help: "Answers without a word of the provider's, or with one that this version does not know: judged by their status alone.",
    labels: { provider: PROVIDER_NAMES },
  },
  attemptsHeld: {
    type: "counter",
    name: "sip_pushd_attempts_held_total",
    help: "Attempts that our own limits kept back for a moment: the budget for retries (a tenth of the traffic), a pause of an app in trouble, or too many pushes of one app under way.",
    labels: { provider: PROVIDER_NAMES, reason: THROTTLE_REASONS },
  },
  attemptDuration: {
    type: "histogram",
    name: "sip_pushd_attempt_duration_seconds",
    help: "How long the provider took to answer one attempt.",
    labels: { provider: PROVIDER_NAMES },
    buckets: ATTEMPT_BUCKETS,
  },
  acceptToProvider: {
    type: "histogram",
    name: "sip_pushd_accept_to_provider_seconds",
    help: "From the acceptance of a push to the provider's acceptance of its delivery, retries included.",
    labels: { kind: PUSH_KINDS, provider: PROVIDER_NAMES },
    buckets: ACCEPT_TO_PROVIDER_BUCKETS,
  },
  queuedPushes: {
    type: "gauge",
    name: "sip_pushd_queued_pushes",
    help: "Pushes in the store that have not ended: waiting for an attempt, or leased by a worker. The same on every node of a cluster. Absent while the store does not answer.",
    labels: { state: ["waiting", "leased"] },
    merge: "first",
  },
  queueUse: {
    type: "gauge",
    name: "sip_pushd_queue_use_ratio",
    help: "How much of the queue's bounds is used: of all that may wait, of what messages may fill, and of what one domain may fill by the domain that has most. At 1 such pushes are refused. The same on every node of a cluster. Absent while the store does not answer.",
    labels: { bound: QUEUE_BOUNDS.filter((bound) => bound !== "callee") },
    merge: "first",
  },
  queueFull: {
    type: "counter",
    name: "sip_pushd_queue_full_total",
    help: "Pushes that were refused because there was no room, by the bound: the queue, its part for messages, one domain's, one callee's; the store's memory; or too many that waited for the store's answer.",
    labels: { bound: FULL_BOUNDS },
  },
  ...ACCIDENT_METRICS,
  ...SUBSCRIBER_METRICS,
  storeErrors: {
    type: "counter",
    name: "sip_pushd_store_errors_total",
    help: "Operations that the store did not do.",
    labels: {},
  },
  unexpectedErrors: {
    type: "counter",
    name: "sip_pushd_unexpected_errors_total",
    help: "Bugs of the gateway that were contained. Each one is worth a report.",
    labels: {},
  },
  logLinesDropped: {
    type: "counter",
    name: "sip_pushd_log_lines_dropped_total",
    help: "Log lines that were given up because their reader stood still or the disk was full.",
    labels: {},
  },
  workersEnded: {
    type: "counter",
    name: "sip_pushd_workers_ended_total",
    help: "Worker processes that ended unasked, and were started again. Always 0 where one process is all there is.",
    labels: {},
  },
  credentialRenewals: {
    type: "counter",
    name: "sip_pushd_credential_renewals_total",
    help: "Times that certificates, keys or other secrets were taken up because their files had changed. Each worker process counts its own.",
    labels: {},
  },
  configReload: {
    type: "gauge",
    name: "sip_pushd_config_last_reload_successful",
    help: "1, or 0 while a changed configuration was refused and the old one is in force.",
    labels: {},
    merge: "min",
  },
  alarm: {
    type: "gauge",
    name: "sip_pushd_alarm",
    help: "1 while something needs an operator, though the gateway goes on; 0 once it is over. /readyz has the words.",
    labels: { alarm: ALARM_KINDS, app: OWN_NAMES },
    merge: "max",
  },
  credentialExpiry: {
    type: "gauge",
    name: "sip_pushd_credential_expiry_timestamp_seconds",
    help: "When a credential expires, in seconds since 1970.",
    labels: { app: OWN_NAMES, kind: OWN_NAMES },
    merge: "first",
  },
  buildInfo: {
    type: "gauge",
    name: "sip_pushd_build_info",
    help: "Always 1; its labels tell the versions.",
    labels: { version: OWN_NAMES, node_version: OWN_NAMES },
    merge: "first",
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricKey = keyof typeof METRICS;
type KeysOf<T extends MetricDefinition["type"]> = {
  [K in MetricKey]: (typeof METRICS)[K]["type"] extends T ? K : never;
}[MetricKey];
export type CounterKey = KeysOf<"counter">;
export type HistogramKey = KeysOf<"histogram">;
export type LabelsOf<K extends MetricKey> = { readonly [L in keyof (typeof METRICS)[K]["labels"]]: string };
