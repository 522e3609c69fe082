import { afterEach, beforeEach, expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const WAKES = "registrations: { refresh_wakes: yes, refresh_lead_seconds: 2 }";
const ANDROID = `<sip:alice@192.0.2.7;pn-provider=fcm;pn-param=my-project;pn-prid=${encodeURIComponent(ANDROID_TOKEN)}>`;
const IPHONE = `<sip:alice@192.0.2.8;pn-provider=apns;pn-param=TEAM.org.example.phone.remote&voip;pn-prid=${IPHONE_TOKENS.remote}:remote&${IPHONE_TOKENS.voip}:voip>`;

let running: RunningGateway;
beforeEach(async () => {
  running = await startRunningGateway({ config: (simulator) => `${WAKES}\n${buildAppsConfig(simulator)}` });
});
afterEach(() => running[Symbol.asyncDispose]());

const register = (contact: string, expires: number) =>
  callApi(running, "POST", "/v1/registrations", { aor: "sip:alice@example.org", contact, expires });

it("wakes phones shortly before their SIP registrations expire, iPhones without a VoIP push", async () => {
  const { mailbox } = running.simulator;
  expect((await register(`${ANDROID}, ${IPHONE}`, 3)).body).toMatchObject({
    contacts: [{ change: "registered" }, { change: "registered" }],
  });

  const android = await mailbox.waitFor(({ token }) => token === ANDROID_TOKEN);
  const iphone = await mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote);

  expect(android.payload).toMatchObject({
    message: { data: { type: "wake", silent: "1" }, android: { priority: "HIGH" } },
  });
  expect(iphone.headers).toMatchObject({ "apns-push-type": "background", "apns-priority": "5" });
  expect(iphone.payload).toMatchObject({ aps: { "content-available": 1 }, type: "wake" });
  expect(mailbox.attempts().some(({ token }) => token === IPHONE_TOKENS.voip)).toBe(false);
  const metrics = await (await fetch(`${running.plain}/metrics`)).text();
  expect(metrics).toContain('sip_pushd_pushes_accepted_total{dialect="wake",kind="wake"} 2');
});

it("leaves a phone alone that has registered again, or left", async () => {
  const { mailbox } = running.simulator;
  await register(ANDROID, 3);
  await register(IPHONE, 3);

  await register(ANDROID, 600);
  await register(IPHONE, 0);
  // Wakes of other phones come meanwhile.
  const other = `<sip:alice@192.0.2.9;pn-provider=fcm;pn-param=my-project;pn-prid=${"another-token".repeat(9)}>`;
  await register(other, 4);
  await mailbox.waitFor(({ token }) => token === "another-token".repeat(9));

  expect(mailbox.deliveries()).toHaveLength(1);
});
