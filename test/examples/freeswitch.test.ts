import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { openRecipeStage, pick, readExample, type RecipeStage } from "./recipe-stage.ts";

let stage: RecipeStage;

beforeEach(async () => {
  stage = await openRecipeStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const TOKENS = { voip: IPHONE_TOKENS.voip, im: IPHONE_TOKENS.remote };
const PAYLOADS = {
  voip: '{"content-available":true,"custom":[{"name":"content-message","value":"incomming call"}]}',
  im: '{"body":"Lunch & a walk?","sound":"default"}',
};

/** Fills the template as the module does, without escaping. */
async function send(type: "voip" | "im") {
  const [, profile = ""] = (await readExample("freeswitch/apn.conf.xml")).split(`<profile name="${type}">`);
  const setting = (name: string) =>
    pick(profile.split("</profile>")[0] ?? "", new RegExp(`<param name="${name}" value="([^"]*)"/>`)).replaceAll(
      "&amp;",
      "&",
    );
  const values: Readonly<Record<string, string>> = {
    type,
    app_id: "org.example.phone",
    user: "alice",
    realm: "example.org",
    token: TOKENS[type],
    platform: "iOS",
    payload: PAYLOADS[type],
  };
  const body = setting("post_data_template").replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
  return stage.ask(setting("url"), {
    method: setting("method"),
    body,
    headers: { "content-type": setting("content_type") },
  });
}

describe("mod_apn's configuration", () => {
  it("rings the phone", async () => {
    const { status } = await send("voip");

    expect(status).toBe(200);
    await expect(stage.ring()).resolves.toMatchObject({ payload: { callee: "alice", domain: "example.org" } });
  });

  it("shows a message", async () => {
    const { status } = await send("im");

    expect(status).toBe(200);
    await expect(
      stage.running.simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote),
    ).resolves.toMatchObject({ payload: { aps: { alert: "Lunch & a walk?" } } });
  });
});
