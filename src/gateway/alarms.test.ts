import { expect, it } from "vitest";
import { createRecordingEvents } from "../../test/fixtures/gateway-doubles.ts";
import { createManualClock } from "../../test/fixtures/clocks.ts";
import { createAlarms } from "./alarms.ts";

function openAlarms() {
  const events = createRecordingEvents();
  const clock = createManualClock(7);
  return { events, clock, alarms: createAlarms({ events, clock }) };
}

it("reports an alarm once while it stands, and its end once", () => {
  const { events, alarms } = openAlarms();

  alarms.raise("app_refused", "global/apns", "Apple refuses the key.");
  alarms.raise("app_refused", "global/apns", "Apple refuses the key.");
  alarms.clear("app_refused", "global/apns");
  alarms.clear("app_refused", "global/apns");

  const alarm = { kind: "app_refused", app: "global/apns", detail: "Apple refuses the key.", since: 7 };
  expect(events.log.alarmRaised).toEqual([[alarm]]);
  expect(events.log.alarmCleared).toEqual([[alarm]]);
  expect(alarms.list()).toEqual([]);
});

it("keeps the alarms of two apps apart", () => {
  const { alarms } = openAlarms();

  alarms.raise("provider_down", "global/fcm", "a");
  alarms.raise("provider_down", "example.org/fcm", "b");
  alarms.clear("provider_down", "global/fcm");

  expect(alarms.list().map(({ app }) => app)).toEqual(["example.org/fcm"]);
});

it("shows the latest words of an alarm that stands, without reporting it again", () => {
  const { events, alarms } = openAlarms();
  alarms.raise("credential_file", "global/apns", "The key does not fit.");

  alarms.raise("credential_file", "global/apns", "The file is gone.");

  expect(alarms.list()).toMatchObject([{ detail: "The file is gone.", since: 7 }]);
  expect(events.log.alarmRaised).toHaveLength(1);
});

it("reports an alarm that stands again once a day", () => {
  const { events, clock, alarms } = openAlarms();
  alarms.raise("credential_expiry", "gateway", "The certificate expires on 2027-01-01.");
  clock.advance(86_399_999);
  alarms.remind();
  expect(events.log.alarmRaised).toHaveLength(1);

  for (let hour = 1; hour <= 24; hour += 1) {
    clock.advance(3_600_000);
    alarms.remind();
  }

  expect(events.log.alarmRaised).toHaveLength(2);
});
