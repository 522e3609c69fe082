import { expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const DEVICES = "/v1/subscribers/alice@example.org/devices";

async function register(running: RunningGateway, device: object): Promise<void> {
  expect(await callApi(running, "PUT", `${DEVICES}/phone`, device)).toMatchObject({ status: expect.any(Number) });
}

async function readDevice(running: RunningGateway): Promise<Record<string, unknown>> {
  return (await callApi(running, "GET", `${DEVICES}/phone`)).body;
}

it("finds an iPhone whose app names the wrong environment, corrects its record and says so", async () => {
  await using running = await startRunningGateway({ config: buildAppsConfig });
  const { simulator, logLines } = running;
  const { voip } = IPHONE_TOKENS;
  simulator.setFacts(voip, { environment: "sandbox" });
  const claimed = { provider: "apns", tokens: { voip }, environment: "production" };
  await register(running, claimed);

  await callApi(running, "POST", "/v1/pushes", { callee: "alice@example.org", push_id: "first" });
  await simulator.mailbox.waitFor(({ token }) => token === voip);
  await expect
    .poll(() => readDevice(running))
    .toMatchObject({ environment: "sandbox", environment_learned_at: expect.stringMatching(/^\d{4}-/) });
  await register(running, claimed);
  await callApi(running, "POST", "/v1/pushes", { callee: "alice@example.org", push_id: "second" });
  await expect.poll(() => simulator.mailbox.deliveries()).toHaveLength(2);

  expect(await readDevice(running)).toMatchObject({ environment: "sandbox" });
  const asked = simulator.mailbox.attempts().map(({ environment, answer }) => `${environment} ${answer.status}`);
  expect(asked).toEqual(["production 400", "sandbox 200", "sandbox 200"]);
  const corrected = logLines.filter(({ msg }) => String(msg).startsWith("device corrected"));
  expect(corrected).toMatchObject([{ level: "info", subscriber: "alice@example.org", environment: "sandbox" }]);
});

it("moves to the token that Google gives in place of an old one", async () => {
  await using running = await startRunningGateway({
    config: ({ gcm, credentials }) =>
      `gcm: { key: ${credentials.gcmKey}, endpoint: "${gcm.endpoint}", ca_file: ca.crt }`,
  });
  const { simulator } = running;
  const canonical = `${ANDROID_TOKEN}-renewed`;
  simulator.setFacts(ANDROID_TOKEN, { canonicalToken: canonical });
  await register(running, { provider: "gcm", token: ANDROID_TOKEN });

  for (const pushId of ["first", "second"]) {
    await callApi(running, "POST", "/v1/pushes", { callee: "alice@example.org", push_id: pushId });
    await expect.poll(() => readDevice(running)).toMatchObject({ tokens: { registration: "fZ3kq9…ewed" } });
  }

  await expect.poll(() => simulator.mailbox.deliveries().map(({ token }) => token)).toEqual([ANDROID_TOKEN, canonical]);
});
