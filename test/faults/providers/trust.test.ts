import { expect, it, vi } from "vitest";
import { ANY_TOKEN } from "../../../src/simulator/behaviour.ts";
import type { ServerCertificate } from "../../../src/simulator/server-certificates.ts";
import { IN_ORDER, isInTime, readAccount } from "./account.ts";
import { apnsToken, buildTokenAppsConfig, fcmToken, openProviderScene, type ProviderScene } from "./provider-scene.ts";

const FAULTY = ["expired", "wrong-name", "untrusted"] as const satisfies readonly ServerCertificate[];

it.concurrent.each(FAULTY)("A7: nothing is sent to a server whose certificate is %s", async (kind) => {
  await using scene = await openProviderScene();
  const { simulator } = scene;
  const phones = await Promise.all([scene.addPhone("apns", apnsToken(1)), scene.addPhone("fcm", fcmToken(1))]);
  simulator.present(kind);

  const lost = await scene.deliver(4, phones, { ttlSeconds: 2 });

  expect(lost.map(({ state }) => state)).toEqual(lost.map(() => "expired"));
  expect(simulator.connections()).toEqual([]);
  expect(simulator.mailbox.attempts()).toEqual([]);
  simulator.present("good");
  const later = await scene.deliver(4, phones);
  expect(isInTime(later)).toBe(true);
  expect(readAccount(later, simulator)).toEqual(IN_ORDER);
});

const devicesOf = async (scene: ProviderScene, aor: string): Promise<string> =>
  (await scene.client.get(`/v1/subscribers/${aor}/devices`)) ?? "";

it.concurrent("A8: a signing token that Apple calls expired is signed anew once, and the push goes out in its time", async () => {
  await using scene = await openProviderScene({ apps: buildTokenAppsConfig });
  const { simulator } = scene;
  const alice = await scene.addPhone("apns", apnsToken(1));
  await scene.deliver(1, [alice]);
  simulator.script(ANY_TOKEN, { reason: "ExpiredProviderToken", times: 3 });

  const ends = await scene.deliver(20, [alice]);

  expect(isInTime(ends)).toBe(true);
  // A second renewal within twenty minutes is what Apple would refuse.
  const reasons = new Set(simulator.mailbox.attempts().map(({ answer }) => answer.reason));
  expect(reasons).toEqual(new Set([undefined, "ExpiredProviderToken"]));
  expect(await devicesOf(scene, alice)).toContain('"device":"phone"');
});

it.concurrent.each(["InvalidProviderToken", "BadCertificate", "Forbidden"])(
  "A8: Apple's %s costs no device, and pushes go out again when Apple relents",
  async (reason) => {
    await using scene = await openProviderScene();
    const { simulator } = scene;
    const alice = await scene.addPhone("apns", apnsToken(1));
    simulator.script(ANY_TOKEN, { reason });

    await scene.deliver(10, [alice], { ttlSeconds: 2 });

    expect(await devicesOf(scene, alice)).toContain('"device":"phone"');
    simulator.forget(ANY_TOKEN);
    await vi.waitFor(
      async () => {
        expect(await scene.deliver(1, [alice], { ttlSeconds: 5 })).toMatchObject([{ state: "delivered" }]);
      },
      { timeout: 15_000, interval: 500 },
    );
  },
);
