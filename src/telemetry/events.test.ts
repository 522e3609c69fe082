import { describe, expect, it } from "vitest";
import { ALICE, BOB, aCall, aMessage, anIphone, aRingingCall, aTarget } from "../../test/fixtures/builders.ts";
import { anAttempt, aPush, DELIVERED, PUSH_ID, startTelemetry } from "../../test/fixtures/telemetry-fixture.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";

const DEAD = { kind: "unregistered", reason: "Unregistered" } as const;

type Case = [(events: GatewayEvents) => void, level: string, series: string];

// `configReloaded` restores what `configRefused` changed, and has its own test; `fieldIgnored` counts nothing.
const CASES: Record<Exclude<keyof GatewayEvents, "configReloaded" | "fieldIgnored">, Case[]> = {
  accepted: [
    [(e) => e.accepted(aPush(), "sipwise"), "debug", `pushes_accepted_total{dialect="sipwise",kind="call"} 1`],
    [(e) => e.accepted(aPush(), "made-up"), "debug", `pushes_accepted_total{dialect="other",kind="call"} 1`],
  ],
  repeated: [
    [(e) => e.repeated(PUSH_ID, aMessage(), "v1"), "info", `pushes_repeated_total{dialect="v1",kind="message"} 1`],
  ],
  suppressed: [
    [(e) => e.suppressed(PUSH_ID, aCall(), "no_device", "v1"), "info", `pushes_suppressed_total{reason="no_device"} 1`],
  ],
  refused: [
    [
      (e) => e.refused({ dialect: "v1", code: "store_unavailable", detail: "No store." }),
      "error",
      `pushes_refused_total{dialect="v1",code="store_unavailable"} 1`,
    ],
    [
      (e) => e.refused({ dialect: "v1", code: "not_found", detail: "No such push." }),
      "info",
      `pushes_refused_total{dialect="v1",code="not_found"} 1`,
    ],
    [
      (e) => e.refused({ dialect: "v1", code: "queue_full", detail: "No room.", bound: "messages" }),
      "warn",
      `queue_full_total{bound="messages"} 1`,
    ],
  ],
  contactNotLearned: [
    [
      (e) =>
        e.contactNotLearned(ALICE, { trouble: "no_token", reason: "pn-prid is missing", uri: "sip:alice@192.0.2.1" }),
      "warn",
      `contacts_not_learned_total{reason="no_token"} 1`,
    ],
  ],
  dataRenamed: [[(e) => e.dataRenamed(PUSH_ID, ["from"], "v1"), "warn", `data_renamed_total{dialect="v1"} 1`]],
  shed: [[(e) => e.shed(7), "warn", "requests_shed_total 7"]],
  connectionRefused: [[(e) => e.connectionRefused("192.0.2.9"), "warn", "connections_refused_total 1"]],
  attempted: [
    [(e) => e.attempted(anAttempt(DELIVERED)), "debug", `attempts_total{provider="apns",outcome="delivered"} 1`],
    [(e) => e.attempted(anAttempt(DELIVERED)), "debug", `attempt_duration_seconds_sum{provider="apns"} 0.04`],
    [
      (e) => e.attempted(anAttempt(DELIVERED)),
      "debug",
      `accept_to_provider_seconds_sum{kind="call",provider="apns"} 0.12`,
    ],
    [
      (e) => e.attempted(anAttempt(DEAD)),
      "info",
      `attempt_failures_total{provider="apns",outcome="unregistered",reason="Unregistered"} 1`,
    ],
    [
      (e) => e.attempted(anAttempt({ kind: "rejected", reason: "quite new" })),
      "warn",
      `attempt_failures_total{provider="apns",outcome="rejected",reason="other"} 1`,
    ],
    [
      (e) => e.attempted(anAttempt({ kind: "rejected", reason: "quite new" })),
      "warn",
      `unknown_answers_total{provider="apns"} 1`,
    ],
    [
      (e) => e.attempted(anAttempt({ kind: "deferred", reason: "HTTP 502" })),
      "warn",
      `unknown_answers_total{provider="apns"} 1`,
    ],
    [
      (e) => e.attempted(anAttempt({ kind: "deferred", reason: "Shutdown" })),
      "warn",
      `attempts_total{provider="apns",outcome="deferred"} 1`,
    ],
    [
      (e) => e.attempted(anAttempt({ kind: "misconfigured", reason: "BadCertificate" })),
      "error",
      `attempts_total{provider="apns",outcome="misconfigured"} 1`,
    ],
  ],
  deliveryEnded: [
    [
      (e) => e.deliveryEnded({ pushId: PUSH_ID, kind: "call", target: aTarget(), state: "expired" }),
      "warn",
      `deliveries_ended_total{provider="apns",state="expired"} 1`,
    ],
    [
      (e) => e.deliveryEnded({ pushId: PUSH_ID, kind: "call", target: aTarget(), state: "delivered" }),
      "debug",
      `deliveries_ended_total{provider="apns",state="delivered"} 1`,
    ],
  ],
  ended: [
    [(e) => e.ended(aPush(), "delivered", 1_150), "info", `pushes_ended_total{kind="call",state="delivered"} 1`],
    [(e) => e.ended(aPush(), "failed", 1_150), "warn", `pushes_ended_total{kind="call",state="failed"} 1`],
  ],
  oversleepersWoken: [[(e) => e.oversleepersWoken(3), "warn", "oversleepers_woken_total 3"]],
  lostByStore: [[(e) => e.lostByStore(PUSH_ID), "error", "pushes_lost_by_store_total 1"]],
  leaseLost: [[(e) => e.leaseLost(PUSH_ID), "warn", "leases_lost_total 1"]],
  deviceRegistered: [
    [
      (e) => e.deviceRegistered(anIphone(), { created: true, displaced: [{ subscriber: BOB, deviceId: "old" }] }),
      "info",
      `devices_registered_total{provider="apns"} 1`,
    ],
    [
      (e) => e.deviceRegistered(anIphone(), { created: true, displaced: [{ subscriber: BOB, deviceId: "old" }] }),
      "info",
      "devices_displaced_total 1",
    ],
  ],
  deviceUnregistered: [[(e) => e.deviceUnregistered(ALICE, "iphone"), "info", "devices_unregistered_total 1"]],
  devicePruned: [
    [(e) => e.devicePruned(anIphone(), aTarget(), "Unregistered"), "info", `devices_pruned_total{provider="apns"} 1`],
  ],
  tokenKept: [[(e) => e.tokenKept(aTarget(), "Unregistered"), "warn", `tokens_kept_total{provider="apns"} 1`]],
  tokenReplaced: [[(e) => e.tokenReplaced(anIphone(), aTarget()), "info", `tokens_replaced_total{provider="apns"} 1`]],
  environmentLearned: [
    [
      (e) => e.environmentLearned(anIphone({ environment: "sandbox" }), aTarget()),
      "info",
      `environments_learned_total{environment="sandbox"} 1`,
    ],
  ],
  preferencesChanged: [
    [(e) => e.preferencesChanged(ALICE, ["mobile_push_enable"]), "info", "preferences_changed_total 1"],
  ],
  signUp: [
    [(e) => e.signUp("completed"), "info", `sign_ups_total{step="completed"} 1`],
    [(e) => e.signUp("failed", new Error("NGCP does not answer")), "error", `sign_ups_total{step="failed"} 1`],
  ],
  launchAnswered: [
    [(e) => e.launchAnswered("redirected", "192.0.2.1"), "info", `launches_total{outcome="redirected"} 1`],
    [(e) => e.launchAnswered("limited", "192.0.2.1"), "debug", `launches_total{outcome="limited"} 1`],
  ],
  attemptThrottled: [
    [
      (e) => e.attemptThrottled(aTarget(), "provider_paused"),
      "debug",
      `attempts_held_total{provider="apns",reason="provider_paused"} 1`,
    ],
  ],
  illegalTransition: [
    [(e) => e.illegalTransition(PUSH_ID, "delivered", "failed"), "error", "illegal_transitions_total 1"],
  ],
  credentialsRenewed: [
    [(e) => e.credentialsRenewed(["/etc/tls.pem"], []), "info", "credential_renewals_total 1"],
    [(e) => e.credentialsRenewed(["/etc/tls.pem"], ["No."]), "warn", "credential_renewals_total 1"],
  ],
  configRefused: [[(e) => e.configRefused("config.yml:1: port"), "error", "config_last_reload_successful 0"]],
  callChanged: [
    [
      (e) => e.callChanged(aRingingCall({ state: "registered" }), { kind: "registered", provider: "apns" }, 3_000),
      "info",
      `wake_time_seconds_bucket{le="2",provider="apns"} 1`,
    ],
    [
      (e) => e.callChanged(aRingingCall({ state: "registered" }), { kind: "registered" }, 3_000),
      "info",
      `wake_time_seconds_count{provider="other"} 1`,
    ],
    [
      (e) => e.callChanged(aRingingCall({ state: "cancelled" }), { kind: "cancelled" }, 3_000),
      "info",
      `calls_ended_total{state="cancelled"} 1`,
    ],
  ],
  alarmRaised: [
    [
      (e) => e.alarmRaised({ kind: "app_refused", app: "global/apns", detail: "Apple refuses the key.", since: 1 }),
      "error",
      `alarm{alarm="app_refused",app="global/apns"} 1`,
    ],
  ],
  alarmCleared: [
    [
      (e) => e.alarmCleared({ kind: "app_refused", app: "global/apns", detail: "Apple refuses the key.", since: 1 }),
      "info",
      `alarm{alarm="app_refused",app="global/apns"} 0`,
    ],
  ],
  storeFailed: [[(e) => e.storeFailed("accept", new Error("disk I/O error")), "error", "store_errors_total 1"]],
  unexpected: [[(e) => e.unexpected("settle", new TypeError("x is not y")), "error", "unexpected_errors_total 1"]],
};

it("shows that a configuration was refused until another one has been taken up", async () => {
  const { events, metrics, records } = startTelemetry();

  events.configRefused("config.yml:1: port");
  events.configReloaded(["store"]);

  expect(records()).toMatchObject([{ level: "error" }, { level: "warn", keys: ["store"] }]);
  expect(await metrics.render()).toContain("sip_pushd_config_last_reload_successful 1");
});

describe.each(Object.entries(CASES))("%s", (_, cases) => {
  it.each(cases)("writes its line and moves its metric (%#)", async (act, level, series) => {
    const { events, metrics, records } = startTelemetry();
    const before = await metrics.render();

    act(events);

    expect(records()[0]).toMatchObject({ level, msg: expect.any(String) });
    expect(before.split("\n")).not.toContain(`sip_pushd_${series}`);
    expect((await metrics.render()).split("\n")).toContain(`sip_pushd_${series}`);
  });
});

it.each(["BadDeviceToken", "UNREGISTERED", "NotRegistered", "not_reached"])(
  "does not count %s as an unknown answer",
  async (reason) => {
    const { events, metrics } = startTelemetry();

    events.attempted(anAttempt({ kind: "rejected", reason }));

    expect(await metrics.render()).toContain(`sip_pushd_unknown_answers_total{provider="apns"} 0`);
  },
);

it("tells in one line what a failed attempt was about", () => {
  const { events, records } = startTelemetry();
  const attempt = anAttempt({ kind: "deferred", reason: "ServiceUnavailable" }, aTarget({ app: "org.example.app" }));

  events.attempted({ ...attempt, retryInMs: 250 });

  expect(records()[0]).toMatchObject({
    msg: "attempt deferred",
    push_id: PUSH_ID,
    kind: "call",
    provider: "apns",
    app: "org.example.app",
    environment: "production",
    device: "iphone",
    token: "a1a1a1…a1a1",
    attempt: 1,
    outcome: "deferred",
    reason: "ServiceUnavailable",
    duration_ms: 40,
    since_accepted_ms: 120,
    retry_in_ms: 250,
  });
});

it("shows the operator the mend in the message of a refusal, and never below warn", () => {
  const { events, records } = startTelemetry();
  const hint = "Set push_apns_alert to yes in config.yml.";

  events.refused({ dialect: "sipwise", code: "no_device", detail: "No device.", hint, remoteAddress: "127.0.0.1" });

  expect(records()[0]).toMatchObject({
    level: "warn",
    msg: `request refused: No device. What to do: ${hint}`,
    hint,
    code: "no_device",
    remote_address: "127.0.0.1",
  });
});

it("tells which field of a platform has no effect", () => {
  const { events, records } = startTelemetry();

  events.fieldIgnored("apns_topic", "sipwise");

  expect(records()[0]).toMatchObject({ level: "warn", field: "apns_topic", dialect: "sipwise" });
});
