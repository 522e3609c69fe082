import { expect, it, vi } from "vitest";
import { ANY_TOKEN } from "../../../src/simulator/behaviour.ts";
import type { ServerCertificate } from "../../../src/simulator/server-certificates.ts";
import { IN_ORDER, isInTime, readAccount } from "./account.ts";
import {
  apnsToken,
  buildTokenAppsConfig,
  fcmToken,
  openProviderFixture,
  type ProviderFixture,
} from "./provider-fixture.ts";

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Each certificate, and the reason with which a push ends. */
const FAULTY = [
  ["expired", "tls_expired"],
  ["wrong-name", "tls_wrong_name"],
  ["untrusted", "tls_untrusted"],
] as const satisfies readonly (readonly [ServerCertificate, string])[];

const PATIENT = { timeout: 20_000 };
const DOWN = ["provider_down global/apns", "provider_down global/fcm"];

it.concurrent.each(FAULTY)("A7: nothing is sent to a server whose certificate is %s", async (kind, reason) => {
  await using fixture = await openProviderFixture();
  const { simulator } = fixture;
  const phones = await Promise.all([fixture.addPhone("apns", apnsToken(1)), fixture.addPhone("fcm", fcmToken(1))]);
  simulator.present(kind);

  const lost = await fixture.deliver(8, phones, { ttlSeconds: 4 });

  expect(await fixture.alarms()).toEqual(expect.arrayContaining([...DOWN]));
  expect(lost).toMatchObject(lost.map(() => ({ state: "expired", reason })));
  expect(simulator.connections()).toEqual([]);
  expect(simulator.mailbox.attempts()).toEqual([]);
  simulator.present("good");
  const later = await fixture.deliver(4, phones);
  expect(isInTime(later)).toBe(true);
  expect(readAccount(later, simulator)).toEqual(IN_ORDER);
  expect(await fixture.alarms()).toEqual([]);
});

const devicesOf = async (fixture: ProviderFixture, aor: string): Promise<string> =>
  (await fixture.client.get(`/v1/subscribers/${aor}/devices`)) ?? "";

it.concurrent("A8: a signing token that Apple calls expired is signed anew once, and the push goes out in its time", async () => {
  await using fixture = await openProviderFixture({ apps: buildTokenAppsConfig });
  const { simulator } = fixture;
  const alice = await fixture.addPhone("apns", apnsToken(1));
  await fixture.deliver(1, [alice]);
  simulator.script(ANY_TOKEN, { reason: "ExpiredProviderToken", times: 3 });

  const ends = await fixture.deliver(20, [alice]);

  expect(isInTime(ends)).toBe(true);
  // Apple would refuse a second renewal within twenty minutes.
  const reasons = new Set(simulator.mailbox.attempts().map(({ answer }) => answer.reason));
  expect(reasons).toEqual(new Set([undefined, "ExpiredProviderToken"]));
  expect(await devicesOf(fixture, alice)).toContain('"device":"phone"');
});

it.concurrent.each(["InvalidProviderToken", "BadCertificate", "Forbidden"])(
  "A8: while Apple says %s an alarm stands; no device is lost, and calls go out when Apple relents",
  async (reason) => {
    await using fixture = await openProviderFixture();
    const { simulator } = fixture;
    const alice = await fixture.addPhone("apns", apnsToken(1));
    simulator.script(ANY_TOKEN, { reason });
    const ids = await fixture.burst(10, [alice], { ttlSeconds: 60 });
    await vi.waitFor(async () => expect(await fixture.alarms()).toContain("app_refused global/apns"), PATIENT);

    simulator.forget(ANY_TOKEN);
    const ends = await fixture.endsOf(ids);

    expect(isInTime(ends)).toBe(true);
    expect(readAccount(ends, simulator)).toEqual(IN_ORDER);
    expect(await devicesOf(fixture, alice)).toContain('"device":"phone"');
    await vi.waitFor(async () => expect(await fixture.alarms()).toEqual([]), PATIENT);
  },
);
