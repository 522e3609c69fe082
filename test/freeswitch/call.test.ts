import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecipeStage, type RecipeStage } from "../examples/recipe-stage.ts";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi } from "../fixtures/gateway-processes.ts";

const SCRIPTS = join(import.meta.dirname, "../../examples/freeswitch");
const DOUBLE = join(import.meta.dirname, "freeswitch-double.lua");
const ID = "6f9692a5-fe74-56a8-a0f1-3b6b0fd9466d";
const CONTACT = `"alice" <sip:alice@192.0.2.7:5060;app-id=org.example.phone;pn-voip-tok=${IPHONE_TOKENS.voip};pn-im-tok=${IPHONE_TOKENS.remote};pn-platform=iOS>`;
const DIALED = "sofia/internal/sip:alice@192.0.2.7:5060";

let stage: RecipeStage;

beforeEach(async () => {
  stage = await openRecipeStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const put = (name: string, text: string) => writeFile(join(stage.running.directory, name), text);

/** Runs a script of the example with a fake FreeSWITCH. Returns the applications that it executed. */
async function run(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { plain, directory } = stage.running;
  const command = [DOUBLE, join(SCRIPTS, script), plain, directory, ...args];
  const { stdout } = await promisify(execFile)("lua5.4", command, { env: { ...process.env, ...env } });
  return stdout.trim().split("\n");
}

async function signIn(): Promise<void> {
  await put("event.from-user", "alice");
  await put("event.from-host", "example.org");
  await put("event.contact", CONTACT);
  await put("contacts", DIALED);
  await run("sip_pushd_registration.lua");
}

describe("FreeSWITCH's scripts", () => {
  it("ring a phone that sleeps, wait for it, and say that it was answered", async () => {
    const call = run("sip_pushd_call.lua", ["alice"]);
    const push = await stage.ring();
    await signIn();

    const executed = await call;

    expect(push.payload).toMatchObject({ call_id: ID, caller: "+4315551234", display_name: 'Bob & "Co"' });
    expect(executed).toEqual(["ring_ready\t", `export\tnolocal:sip_h_X-Push-ID=${ID}`, `bridge\t${DIALED}`]);
    expect(await stage.call(ID)).toMatchObject({ state: "answered", registrations: [{ device: "iphone" }] });
  });

  it("hang up at once where no phone can be woken", async () => {
    const devices = "/v1/subscribers/alice@example.org/devices";
    for (const device of ["iphone", "pixel"]) await callApi(stage.running, "DELETE", `${devices}/${device}`);

    const executed = await run("sip_pushd_call.lua", ["alice"]);

    expect(executed).toEqual(["ring_ready\t", "hangup\tNO_USER_RESPONSE"]);
    expect(await stage.call(ID)).toMatchObject({ state: "unreachable", history: [{ event: "missed", late: true }] });
  });

  it.each([
    [
      "a gateway to the telephone network",
      "sip:m,sofia/gateway/trunk/900@192.0.2.9",
      "sip:m%2Csofia/gateway/trunk/900@192.0.2.9",
    ],
    ["an API call", "sip:m@192.0.2.9;x=${system(id)}", "sip:m@192.0.2.9;x=%24%7Bsystem%28id%29%7D"],
    ["another call after this one", "sip:m@192.0.2.9;x=|loopback/1", "sip:m@192.0.2.9;x=%7Cloopback/1"],
  ])("call nothing but the contact where it holds %s", async (_what, contact, encoded) => {
    await put("contacts", `${DIALED},sofia/internal/${contact},sofia/external/sip:alice@[2001:db8::7]:5060`);

    const executed = await run("sip_pushd_call.lua", ["alice"]);

    expect(executed.at(-1)).toBe(
      `bridge\t${DIALED},sofia/internal/${encoded},sofia/external/sip:alice@[2001:db8::7]:5060`,
    );
  });

  it("tell the phones that the caller has hung up", async () => {
    const call = run("sip_pushd_call.lua", ["alice"]);
    await stage.ring();
    await put("hung-up", "yes");

    await call;

    expect(await stage.call(ID)).toMatchObject({ state: "cancelled" });
  });

  it.each([
    ["CALL_REJECTED", "declined"],
    ["NO_ANSWER", "missed"],
    ["NO_USER_RESPONSE", "missed"],
    ["NORMAL_TEMPORARY_FAILURE", "missed"],
    ["ORIGINATOR_CANCEL", "cancelled"],
  ])("say of %s that the call was %s", async (disposition, state) => {
    await put("contacts", DIALED);

    await run("sip_pushd_call.lua", ["alice"], { DISPOSITION: disposition });

    expect(await stage.call(ID)).toMatchObject({ state });
  });
});
