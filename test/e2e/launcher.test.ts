import { join } from "node:path";
import { expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { LISTENERS_CONFIG, startRunningGateway } from "../fixtures/gateway-processes.ts";

const LINK = "CI8VN8toaE40w8E4OH2rAuFj3Qev9QdLI/Wv/VaBCVK2yNkBZjxE9eafXkkrQfmYdeu01PquS5P40zhUq8Mfjg==";
const QUERY = `c=${encodeURIComponent(LINK)}`;

it("opens launch links in a whole gateway, follows a reload, and keeps links out of log and metrics", async () => {
  await using running = await startRunningGateway({
    config: (simulator) => `${buildAppsConfig(simulator)}\nlauncher: {app_name: Example Phone}\n`,
  });
  const { gateway, simulator, directory, plain } = running;
  const open = (path: string) => fetch(`${plain}${path}?${QUERY}`, { redirect: "manual" });
  const load = (launcher: string) =>
    loadConfig({
      file: join(directory, "config.yml"),
      text: `${LISTENERS_CONFIG}${buildAppsConfig(simulator)}\nlauncher: {${launcher}}\n`,
      env: { STATE_DIRECTORY: directory },
    }).config;

  const locationOf = async (path: string) => (await open(path)).headers.get("location");
  const before = await locationOf("/p");
  const atOnce = gateway.reload(load("scheme: brand"));
  const after = await locationOf("/p");
  const waiting = gateway.reload(load("scheme: brand, paths: [/q]"));
  const statuses = [(await open("/p")).status, (await open("/q")).status];
  const metrics = await (await fetch(`${plain}/metrics`)).text();

  expect([before, after]).toEqual([`sipphone://${LINK}`, `brand://${LINK}`]);
  expect([atOnce, waiting]).toEqual([[], ["launcher.paths, links_per_minute or sign_up.path"]]);
  // The old path no longer belongs to the app, and the new one is only opened at the next start.
  expect(statuses).toEqual([400, 404]);
  expect(metrics).toContain('sip_pushd_launches_total{outcome="redirected"} 2');
  expect(running.logLines).toContainEqual(
    expect.objectContaining({ msg: "launch link redirected", outcome: "redirected" }),
  );
  expect(JSON.stringify(running.logLines) + metrics).not.toMatch(/CI8VN8|testuser|testpass/);
});
