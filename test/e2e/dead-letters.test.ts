import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildQueueCommand } from "../../src/cli/queue.ts";
import { buildTraceCommand } from "../../src/cli/trace.ts";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { runCli } from "../fixtures/cli-run.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

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

describe("a call that reached no phone", () => {
  let running: RunningGateway;
  beforeAll(async () => {
    running = await startRunningGateway();
    await callApi(running, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
  });
  afterAll(() => running[Symbol.asyncDispose]());

  async function failCall(callId?: string): Promise<string> {
    running.simulator.script(IPHONE_TOKENS.voip, { status: 400, reason: "DeviceTokenNotForTopic", times: 1 });
    const call = { callee: "alice@example.org", kind: "call", ...(callId === undefined ? {} : { call_id: callId }) };
    const { body } = await callApi(running, "POST", "/v1/pushes", call);
    const id = String(body["id"]);
    await expect
      .poll(async () => (await callApi(running, "GET", `/v1/pushes/${id}`)).body)
      .toMatchObject({ state: "failed" });
    return id;
  }
  const queue = (...args: string[]) => runCli(buildQueueCommand, [...args, "--url", running.plain]);
  const trace = async (ref: string) =>
    (await runCli(buildTraceCommand, [ref, "--url", running.plain])).stdout.replaceAll(/\s+/g, " ");

  it("is rung again by force alone, and its trace keeps what happened before", async () => {
    const id = await failCall("lost-1");
    const sent = () => running.simulator.mailbox.attempts().length;
    const sentBefore = sent();

    const refused = await queue("replay", "--all", "--json");
    const asked = await callApi(running, "POST", `/v1/dead-letters/${id}/replay`);

    expect(refused.exitCode).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject([{ id, code: "call_over" }]);
    expect(asked).toMatchObject({ status: 409, body: { code: "call_over", field: "force", push_id: id } });
    expect(sent()).toBe(sentBefore);

    const forced = await queue("replay", id, "--force");

    expect(forced.exitCode).toBe(0);
    const newId = /accepted as (\S+)/.exec(forced.stdout)?.[1] ?? "";
    await expect.poll(sent).toBe(sentBefore + 1);
    await expect.poll(() => trace("lost-1")).toMatch(/Apple took the push/);
    for (const ref of ["lost-1", id, newId]) {
      expect(await trace(ref)).toMatch(
        new RegExp(
          `^Call lost-1: .* DeviceTokenNotForTopic .* Push ${id} was replayed: it was sent again as push ${newId}\\. ` +
            `No phone could be woken.* Call ${newId}: .* Asked for through a replay of push ${id}\\..* Apple took the push`,
        ),
      );
    }
  });

  it("and has no Call-ID is not said to have been sent nothing, whatever became of its push", async () => {
    const id = await failCall();
    await queue("drop", id);

    const story = await trace(id);

    expect(story).toMatch(/No phone could be woken/);
    expect(story).not.toMatch(/nothing was sent/i);
  });
});

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
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.stdout).toMatch(/replayed before as \S+, which is /);
    expect((await queue("ls")).stdout).toContain("No push has failed or expired.");
    expect(running.simulator.mailbox.attempts()).toHaveLength(2);
  });

  it("stays, without its text, and is traced with the one that replaced it", async () => {
    await using running = await startRunningGateway();
    const id = await failOne(running);

    const { body } = await callApi(running, "POST", `/v1/dead-letters/${id}/replay`);

    const old = await callApi(running, "GET", `/v1/pushes/${id}`);
    expect(old.body).toMatchObject({ state: "failed", replayed_as: body["id"], deliveries: [{ token: "…" }] });
    const traced = await runCli(buildTraceCommand, [String(body["id"]), "--url", running.plain]);
    const story = traced.stdout.replaceAll(/\s+/g, " ");
    expect(story).toMatch(
      new RegExp(
        `Push ${id}: message .*PayloadTooLarge.* Push ${id} was replayed.*Push ${id} was sent again as this one`,
      ),
    );
    const shown = await runCli(buildQueueCommand, ["show", id, "--url", running.plain]);
    expect(shown.stdout).toMatch(new RegExp(`It was replayed at \\S+ as push ${String(body["id"])}\\.`));
  });

  it("is forgotten when it is dropped", async () => {
    await using running = await startRunningGateway();
    const id = await failOne(running);

    const dropped = await runCli(buildQueueCommand, ["drop", "--all", "--json", "--url", running.plain]);

    expect(JSON.parse(dropped.stdout)).toEqual([{ id, result: "forgotten" }]);
    expect((await callApi(running, "GET", `/v1/pushes/${id}`)).status).toBe(404);
  });
});
