import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ALICE, aMessage, ANDROID_TOKEN, anIphone, aRingingCall, aTarget, BOB } from "../../test/fixtures/builders.ts";
import { anAttempt, aPush, DELIVERED, PUSH_ID, startTelemetry } from "../../test/fixtures/telemetry-fixture.ts";
import { LAUNCH_OUTCOMES, type GatewayEvents } from "../gateway/gateway-events.ts";
import type { Device } from "../push/device.ts";
import type { Push } from "../push/push.ts";

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
      const told = new Set<string>();

      tellEverything(noteWhatIsTold(events, told), { token, text, key });
      const shown = lines.join("") + (await metrics.render());

      expect([...told].toSorted()).toEqual(Object.keys(events).toSorted());
      for (const secret of [token, text, ...text.split(" ").slice(1, 2), key.split("\n")[1]!]) {
        expect(shown).not.toContain(secret);
      }
    }),
    { numRuns: 30 },
  );
});

/** Records which events were called, so that the test fails if a new event is left out. */
function noteWhatIsTold(events: GatewayEvents, told: Set<string>): GatewayEvents {
  return new Proxy(events, {
    get(target, name, receiver) {
      told.add(String(name));
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
}

interface Secrets {
  readonly token: string;
  readonly text: string;
  readonly key: string;
}

/** Raises every event with a secret in each place that can hold one. */
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
  events.shed(1);
  events.connectionRefused("192.0.2.9");
  events.dataRenamed(PUSH_ID, ["from"], "v1");
  events.fieldIgnored("apns_topic", "sipwise");
  for (const kind of ["unregistered", "rejected", "deferred", "misconfigured"] as const) {
    events.attempted(anAttempt({ kind, reason }, target));
  }
  events.attempted(anAttempt({ ...DELIVERED, providerMessageId: "m1", replacementToken: token }, target));
  events.deliveryEnded({ pushId: PUSH_ID, kind: "call", target, state: "failed", reason });
  events.ended(push, "failed", 2_000);
  events.leaseLost(PUSH_ID);
  events.lostByStore(PUSH_ID);
  events.oversleepersWoken(1);
  events.deviceRegistered(device, { created: false, displaced: [{ subscriber: BOB, deviceId: device.id }] });
  events.deviceUnregistered(ALICE, device.id);
  events.contactNotLearned(ALICE, {
    trouble: "bad_token",
    reason: `Not ${key}.`,
    uri: `sip:alice@192.0.2.1;x=${token}`,
  });
  events.devicePruned(device, target, reason);
  events.tokenKept(target, reason);
  events.tokenReplaced(device, target);
  events.environmentLearned(device, target);
  events.attemptThrottled(target, "app_busy");
  events.preferencesChanged(ALICE, ["mobile_push_silent_list"]);
  const command = { name: "evalsha", args: [token, text, key] };
  const failure = Object.assign(new Error(`refused: ${key}`, { cause: unparsable(text) }), { command, body: text });
  const alarm = { kind: "app_refused", app: "global/apns", detail: `Apple refuses ${key}.`, since: 1 } as const;
  events.credentialsRenewed(["/etc/apns.pem"], [`Apple refuses ${key}.`]);
  events.alarmRaised(alarm);
  events.alarmCleared(alarm);
  events.callChanged(
    aRingingCall({ caller: text, urlToken: token, state: "answered", endedBy: device.id }),
    { kind: "answered", deviceId: device.id },
    2_000,
  );
  events.illegalTransition(PUSH_ID, "delivered", "failed");
  for (const outcome of LAUNCH_OUTCOMES) events.launchAnswered(outcome, "192.0.2.7");
  events.signUp("failed", failure);
  events.configReloaded(["store"]);
  events.configRefused(`config.yml:1: Bad ${key}.`);
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
