import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALICE, ANDROID_TOKEN, BOB, IPHONE_TOKENS, aCall, aMessage, anIphone } from "../../test/support/builders.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import type { Device } from "../push/device.ts";
import type { Outcome } from "../push/outcome.ts";
import type { Push, PushRequest, Target } from "../push/push.ts";
import { createGatewayEvents } from "./events.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";

const PUSH_ID = "11111111-2222-4333-8444-555555555555";

function startTelemetry() {
  const lines: string[] = [];
  const logger = createLogger({ level: "debug", destination: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics({ version: "1.2.3", dialects: ["v1", "sipwise"], processMetrics: false });
  const events = createGatewayEvents({ logger, metrics });
  const records = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { events, metrics, lines, records };
}

function aTarget(overrides: Partial<Target> = {}): Target {
  return {
    deviceId: "iphone",
    provider: "apns",
    tokenKind: "voip",
    token: IPHONE_TOKENS.voip,
    environment: "production",
    ...overrides,
  };
}

function aPush(request: PushRequest = aCall()): Push {
  const delivery = { ...aTarget(), state: "pending", attempts: 0 } as const;
  return { id: PUSH_ID, request, acceptedAt: 1_000, deadline: 31_000, state: "pending", deliveries: [delivery] };
}

function anAttempt(outcome: Outcome, target = aTarget()) {
  return { pushId: PUSH_ID, kind: "call", target, attempt: 1, outcome, durationMs: 40, sinceAcceptedMs: 120 } as const;
}

const DELIVERED = { kind: "delivered", providerMessageId: PUSH_ID } as const;
const DEAD = { kind: "unregistered", reason: "Unregistered" } as const;

type Case = [(events: GatewayEvents) => void, level: string, series: string];

// `configReloaded` restores what `configRefused` changed, and has a test of its own.
const CASES: Record<Exclude<keyof GatewayEvents, "configReloaded">, Case[]> = {
  accepted: [
    [(e) => e.accepted(aPush(), "sipwise"), "info", `pushes_accepted_total{dialect="sipwise",kind="call"} 1`],
    [(e) => e.accepted(aPush(), "made-up"), "info", `pushes_accepted_total{dialect="other",kind="call"} 1`],
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
  ],
  attempted: [
    [(e) => e.attempted(anAttempt(DELIVERED)), "info", `attempts_total{provider="apns",outcome="delivered"} 1`],
    [(e) => e.attempted(anAttempt(DELIVERED)), "info", `attempt_duration_seconds_sum{provider="apns"} 0.04`],
    [
      (e) => e.attempted(anAttempt(DELIVERED)),
      "info",
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
  preferencesChanged: [
    [(e) => e.preferencesChanged(ALICE, ["mobile_push_enable"]), "info", "preferences_changed_total 1"],
  ],
  launchAnswered: [
    [(e) => e.launchAnswered("redirected", "192.0.2.1"), "info", `launches_total{outcome="redirected"} 1`],
    [(e) => e.launchAnswered("limited", "192.0.2.1"), "debug", `launches_total{outcome="limited"} 1`],
  ],
  retryPostponed: [[(e) => e.retryPostponed("fcm"), "debug", `retries_postponed_total{provider="fcm"} 1`]],
  illegalTransition: [
    [(e) => e.illegalTransition(PUSH_ID, "delivered", "failed"), "error", "illegal_transitions_total 1"],
  ],
  configRefused: [[(e) => e.configRefused("config.yml:1: port"), "error", "config_last_reload_successful 0"]],
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

const hex = fc.stringMatching(/^[0-9a-f]{63}7$/);
const secrets = fc.record({
  token: fc.oneof(
    hex,
    hex.map((text) => `f${text}:APA91b`),
    fc.constant(ANDROID_TOKEN),
    fc.uuid().map((id) => `token-${id.slice(0, 10)}`),
  ),
  text: fc.uuid().map((id) => `Dear ${id.slice(0, 8)}, the code is ${id.slice(24)}`),
  key: hex.map((text) => `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----`),
});

it("never lets a token, a message or a key into the log or the metrics, through any event", async () => {
  await fc.assert(
    fc.asyncProperty(secrets, async ({ token, text, key }) => {
      const { events, metrics, lines } = startTelemetry();

      tellEverything(events, { token, text, key });
      const shown = lines.join("") + (await metrics.render());

      expect(lines.length).toBeGreaterThan(Object.keys(CASES).length);
      for (const secret of [token, text, ...text.split(" ").slice(1, 2), key.split("\n")[1]!]) {
        expect(shown).not.toContain(secret);
      }
    }),
    { numRuns: 30 },
  );
});

interface Secrets {
  readonly token: string;
  readonly text: string;
  readonly key: string;
}

/** Every event, with a secret in each place where one can lie. */
function tellEverything(events: GatewayEvents, { token, text, key }: Secrets): void {
  const data = { message: text, sender_name: text, token, key };
  const request = aMessage({ caller: text, data, aps: { alert: text, sound: text }, silent: true });
  const target = aTarget({ token });
  const device: Device = {
    ...anIphone(),
    tokens: { voip: token, remote: token },
    id: token.padEnd(40, "0"),
    name: text,
  };
  const reason = `The token ${token} is not valid for ${key}`;
  const push: Push = { ...aPush(request), deliveries: [{ ...target, state: "failed", attempts: 1, reason }] };

  events.accepted(push, "v1");
  events.repeated(PUSH_ID, request, "v1");
  events.suppressed(PUSH_ID, request, "push_disabled", "v1");
  events.refused({ dialect: "v1", code: "invalid_field", field: "token", detail: `Bad ${key}.`, hint: `Not ${key}.` });
  for (const kind of ["unregistered", "rejected", "deferred", "misconfigured"] as const) {
    events.attempted(anAttempt({ kind, reason }, target));
  }
  events.attempted(anAttempt({ ...DELIVERED, providerMessageId: "m1", replacementToken: token }, target));
  events.deliveryEnded({ pushId: PUSH_ID, kind: "call", target, state: "failed", reason });
  events.ended(push, "failed", 2_000);
  events.leaseLost(PUSH_ID);
  events.deviceRegistered(device, { created: false, displaced: [{ subscriber: BOB, deviceId: device.id }] });
  events.deviceUnregistered(ALICE, device.id);
  events.devicePruned(device, target, reason);
  events.preferencesChanged(ALICE, ["mobile_push_silent_list"]);
  const command = { name: "evalsha", args: [token, text, key] };
  const failure = Object.assign(new Error(`refused: ${key}`, { cause: unparsable(text) }), { command, body: text });
  const alarm = { kind: "app_refused", app: "global/apns", detail: `Apple refuses ${key}.`, since: 1 } as const;
  events.alarmRaised(alarm);
  events.alarmCleared(alarm);
  events.storeFailed("accept", failure);
  events.unexpected("settle", failure);
}

function unparsable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}
