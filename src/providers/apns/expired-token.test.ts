import { expect, it } from "vitest";
import { startTcpProxy } from "../../../test/faults/tcp-proxy.ts";
import { anAttempt } from "../../../test/fixtures/attempts.ts";
import { aCall, anIphone, IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import { ProviderTokens } from "./provider-token.ts";
import { createApnsProvider } from "./provider.ts";

const BUNDLE_ID = "org.example.phone";

it("leaves a connection once that goes on calling the token expired, although it is too young to be replaced", async () => {
  await using simulator = await startSimulator({ bundleId: BUNDLE_ID });
  await using link = await startTcpProxy({ port: Number(new URL(simulator.apns.production).port) });
  const app = {
    credentials: { kind: "token", ...simulator.credentials.apnsTokenKey },
    topic: BUNDLE_ID,
    origins: { ...simulator.apns, production: `https://127.0.0.1:${link.port}` },
    ca: simulator.ca,
  } as const;
  await using provider = createApnsProvider(app, {
    name: "global/apns",
    clock: Date.now,
    tokens: new ProviderTokens(Date.now),
  });
  const send = () =>
    provider.send(anAttempt(aCall(), anIphone(), { deadline: Date.now() + 60_000 }), new AbortController().signal);
  await send();
  simulator.script(IPHONE_TOKENS.voip, { reason: "ExpiredProviderToken", times: 5 });

  // The first is sent twice, over the old connection and a new one; that is no better, and kept.
  for (let push = 1; push <= 4; push += 1) {
    expect(await send()).toEqual({ kind: "misconfigured", reason: "ExpiredProviderToken" });
  }

  await expect(send()).resolves.toMatchObject({ kind: "delivered" });
  expect(link.opened).toBe(2);
});
