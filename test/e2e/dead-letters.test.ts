import { describe, expect, it } from "vitest";
import { buildQueueCommand } from "../../src/cli/queue.ts";
import { IPHONE_TOKENS } from "../support/builders.ts";
import { runCli } from "../support/cli-run.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../support/running-gateway.ts";

const DEVICES = "/v1/subscribers/alice%40example.org/devices";

async function failOne(running: RunningGateway): Promise<string> {
  await callApi(running, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: { remote: IPHONE_TOKENS.remote } });
  running.simulator.script(IPHONE_TOKENS.remote, { status: 413, reason: "PayloadTooLarge", times: 1 });
  const push = { kind: "message", callee: "alice@example.org", alert: "Lunch?" };
  const { body } = await callApi(running, "POST", "/v1/pushes", push);
  const id = String(body["id"]);
  await expect
    .poll(async () => (await callApi(running, "GET", `/v1/pushes/${id}`)).body)
    .toMatchObject({ state: "failed" });
  return id;
}

describe("a push that failed", () => {
  it("is listed, explained, and sent again once", async () => {
    await using running = await startRunningGateway();
    const id = await failOne(running);
    const queue = (...args: string[]) => runCli(buildQueueCommand, [...args, "--url", running.plain]);

    const listed = await queue("ls");
    const shown = await queue("show", id);
    const replayed = await queue("replay", id);
    const again = await queue("replay", id);

    expect(listed.stdout).toMatch(new RegExp(`${id}.*failed.*message.*alice@example\\.org.*PayloadTooLarge`));
    expect(shown.stdout).toMatch(/What to do:/);
    expect(replayed.stdout).toContain(`${id}: accepted as`);
    const received = await running.simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote);
    expect(received.payload).toMatchObject({ aps: { alert: "Lunch?" } });
    expect(again.exitCode).toBe(2);
    expect((await queue("ls")).stdout).toContain("No push has failed or expired.");
  });

  it("is forgotten when it is dropped", async () => {
    await using running = await startRunningGateway();
    const id = await failOne(running);

    const dropped = await runCli(buildQueueCommand, ["drop", "--all", "--json", "--url", running.plain]);

    expect(JSON.parse(dropped.stdout)).toEqual([{ id, result: "forgotten" }]);
    expect((await callApi(running, "GET", `/v1/pushes/${id}`)).status).toBe(404);
  });
});
