import { expect, it } from "vitest";
import { createRecordingEvents } from "../../test/support/gateway-doubles.ts";
import { createAlarms } from "./alarms.ts";

function openAlarms() {
  const events = createRecordingEvents();
  return { events, alarms: createAlarms({ events, clock: () => 7 }) };
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
