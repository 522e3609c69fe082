import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startSimulator, type Simulator } from "../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../src/simulator/simulator-files.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { startCli, type CliProcess } from "../fixtures/cli-process.ts";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { callApi, LISTENERS_CONFIG } from "../fixtures/gateway-processes.ts";

const run = promisify(execFile);

describe("sip-pushd serve", () => {
  let simulator: Simulator;
  let directory: string;
  let file: string;

  beforeEach(async () => {
    simulator = await startSimulator();
    directory = await mkdtemp(join(tmpdir(), "sip-pushd-serve-"));
    await writeSimulatorFiles(simulator, directory);
    file = join(directory, "config.yml");
    await writeFile(file, LISTENERS_CONFIG + buildAppsConfig(simulator));
  });

  afterEach(async () => {
    await simulator[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  const serve = async () => {
    const gateway = startCli(["serve", "--config", file]);
    const [, plain = ""] = await gateway.waitFor(/"listen":"(http:[^"]+)"/);
    const [, tls = ""] = await gateway.waitFor(/"listen":"(https:\/\/127[^"]+)"/);
    return { gateway, plain, tls };
  };

  const registerPhones = async (plain: string) => {
    const devices = "/v1/subscribers/alice%40example.org/devices";
    await callApi({ plain }, "PUT", `${devices}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
    await callApi({ plain }, "PUT", `${devices}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
  };

  const stop = async ({ child, end }: CliProcess) => {
    child.kill("SIGTERM");
    return end;
  };

  it("answers the documented curl line, and the phone reads the number with its plus sign", async () => {
    const { gateway, plain, tls } = await serve();
    await using _running = gateway;
    await registerPhones(plain);

    const url = `${tls}/push?caller=+4315551234&callee=alice&domain=example.org`;
    const { stdout } = await run("curl", ["-sk", "-w", "%{http_code} %{http_version}", url]);

    expect(stdout).toMatch(/200 2$/);
    const { payload } = await simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.voip);
    expect(payload).toMatchObject({ caller: "+4315551234" });
  });

  it("delivers after kill -9 and a new start what it had accepted and not delivered, once", async () => {
    const { gateway, plain } = await serve();
    await registerPhones(plain);
    for (const token of [IPHONE_TOKENS.voip, ANDROID_TOKEN]) simulator.script(token, { transport: "silent", times: 1 });
    const path = "/push?caller=%2B431&callee=alice&domain=example.org&push_id=survivor";
    const accepted = await callApi({ plain }, "GET", path);
    await simulator.mailbox.waitForAttempt(({ token }) => token === IPHONE_TOKENS.voip);
    await simulator.mailbox.waitForAttempt(({ token }) => token === ANDROID_TOKEN);
    await gateway[Symbol.asyncDispose]();
    expect(simulator.mailbox.deliveries()).toEqual([]);

    const again = await serve();
    await using _running = again.gateway;
    const repeated = await callApi(again, "GET", path);

    expect(repeated.body).toMatchObject({ id: accepted.body["id"], status: "repeat" });
    await simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.voip, { timeoutMs: 15_000 });
    await simulator.mailbox.waitFor(({ token }) => token === ANDROID_TOKEN, { timeoutMs: 15_000 });
    const ids = simulator.mailbox
      .deliveries()
      .map(({ payload }) => JSON.stringify(payload).includes(String(accepted.body["id"])));
    expect(ids).toEqual([true, true]);
  });

  it("makes one push of the same push_id sent twice", async () => {
    const { gateway, plain } = await serve();
    await using _running = gateway;
    await registerPhones(plain);
    const body = { kind: "message", callee: "alice@example.org", push_id: "one", alert: "Lunch?" };

    const first = await callApi({ plain }, "POST", "/v1/pushes", body);
    const second = await callApi({ plain }, "POST", "/v1/pushes", body);

    expect([first.status, second.status]).toEqual([202, 200]);
    expect(second.body["id"]).toBe(first.body["id"]);
    await simulator.mailbox.waitFor(({ token }) => token === ANDROID_TOKEN);
    await stop(gateway);
    expect(simulator.mailbox.deliveries().filter(({ token }) => token === ANDROID_TOKEN)).toHaveLength(1);
  });

  // Node itself would wait 72 s for such a client, longer than this test may take.
  it("ends with 0 on SIGTERM although a client keeps its connection", async () => {
    const { gateway, plain } = await serve();
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve) =>
      get(`${plain}/healthz`, { agent }, (response) => response.resume().on("end", resolve)),
    );
    const { code, stdout } = await stop(gateway);

    agent.destroy();
    expect(code).toBe(0);
    expect(stdout).toContain('"signal":"SIGTERM"');
  });

  it("takes up a changed configuration on SIGHUP while pushes come in, and keeps the old one if the new one is broken", async () => {
    const { gateway, plain } = await serve();
    await using _running = gateway;
    await registerPhones(plain);
    const text = await readFile(file, "utf8");
    const done = new AbortController();
    const load = (async () => {
      const statuses = new Set<number>();
      for (let number = 0; !done.signal.aborted; number += 1) {
        statuses.add(
          (await callApi({ plain }, "GET", `/push?caller=${number}&callee=alice&domain=example.org`)).status,
        );
      }
      return statuses;
    })();

    for (let round = 1; round <= 5; round += 1) {
      await writeFile(file, `${text}\ndomains: [{ domain: off${round}.example.org, enable: no }]\n`);
      gateway.child.kill("SIGHUP");
      await gateway.waitFor(new RegExp(`(?:configuration reloaded[^]*){${round}}`));
      const off = await callApi({ plain }, "GET", `/push?caller=1&callee=bob&domain=off${round}.example.org`);
      expect(off.body).toMatchObject({ code: "domain_disabled" });
    }
    await writeFile(file, "port: nonsense\n");
    gateway.child.kill("SIGHUP");
    await gateway.waitFor(/new configuration refused.*port/);
    done.abort();

    expect(await load).toEqual(new Set([200]));
    const metrics = await (await fetch(`${plain}/metrics`)).text();
    expect(metrics).toContain("sip_pushd_config_last_reload_successful 0");
  });

  it("says everything that is wrong with a configuration, with line and mend, and ends with 78", async () => {
    await writeFile(file, `port: nonsense\nsslcertfile: nowhere.crt\nsslcertkeyfile: server.key\nunknwon: 1\n`);

    const { code, stderr, stdout } = await startCli(["serve", "--config", file]).end;

    expect(code).toBe(78);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/config\.yml:1: port: .*"nonsense"/);
    expect(stderr).toMatch(/config\.yml:2: sslcertfile: .*nowhere\.crt/);
    expect(stderr).toMatch(/config\.yml:4: unknwon/);
    expect(stderr).not.toMatch(/\bat .*\.ts:/);
  });

  it("says which port is taken, and what to do", async () => {
    const { gateway, plain } = await serve();
    await using _running = gateway;
    const port = new URL(plain).port;
    await writeFile(file, `listen: [{ host: 127.0.0.1, port: ${port} }]\n`);

    const { code, stderr } = await startCli(["serve", "--config", file]).end;

    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}`);
    expect(stderr).not.toMatch(/\bat .*\.ts:/);
  });

  it("writes no token and no text to its log", async () => {
    const { gateway, plain } = await serve();
    await registerPhones(plain);
    const body = {
      kind: "message",
      callee: "alice@example.org",
      alert: "a secret text",
      data: { message: "a secret text" },
    };
    await callApi({ plain }, "POST", "/v1/pushes", body);
    await simulator.mailbox.waitFor(({ token }) => token === ANDROID_TOKEN);

    const { stdout } = await stop(gateway);

    expect(stdout).toContain("push delivered");
    for (const secret of [IPHONE_TOKENS.voip, IPHONE_TOKENS.remote, ANDROID_TOKEN, "a secret text"]) {
      expect(stdout).not.toContain(secret);
    }
  });
});
