import { expect, it } from "vitest";
import { buildSendCommand } from "../../src/cli/send.ts";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { runCli } from "../fixtures/cli-run.ts";
import { startConnectProxy, type ConnectProxy } from "../fixtures/connect-proxy.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const CALLEE = "alice@example.org";
const DEVICES = `/v1/subscribers/${encodeURIComponent(CALLEE)}/devices`;

async function startBehind({ port }: ConnectProxy, login: string): Promise<RunningGateway> {
  const gateway = await startRunningGateway({
    config: (simulator) => `proxy: http://${login}@127.0.0.1:${port}\n${buildAppsConfig(simulator)}`,
  });
  await callApi(gateway, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
  await callApi(gateway, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
  return gateway;
}

const send = ({ plain }: RunningGateway) => runCli(buildSendCommand, [CALLEE, "--ttl", "1"], { SIP_PUSHD_URL: plain });

it("delivers through a proxy to Apple, with its client certificate, and to Google, whose access token comes the same way", async () => {
  await using proxy = await startConnectProxy({ login: "gateway:s3cret" });
  await using gateway = await startBehind(proxy, "gateway:s3cret");

  const { exitCode } = await send(gateway);

  expect(exitCode).toBe(0);
  const { apns, fcm } = gateway.simulator;
  const hosts = [apns.production, fcm.origin, fcm.tokenEndpoint].map((url) => new URL(url).host);
  expect(new Set(proxy.asked.map(({ authority }) => authority))).toEqual(new Set(hosts));
});

it("says that the proxy wants another login, and keeps the wrong one to itself", async () => {
  await using proxy = await startConnectProxy({ login: "gateway:s3cret" });
  await using gateway = await startBehind(proxy, "gateway:mistyped");

  const { exitCode, stdout } = await send(gateway);

  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/iphone(?:, .*)?: proxy_login_refused\n[^]*What to do: +Write proxy: /);
  expect(stdout + JSON.stringify(gateway.logLines)).not.toMatch(/mistyped|Z2F0ZXdheTptaXN0eXBlZA/);
  expect(gateway.simulator.mailbox.attempts()).toEqual([]);
});
