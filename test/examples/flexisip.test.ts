import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { openRecipeStage, pick, readExample, type RecipeStage } from "./recipe-stage.ts";

const CALL = {
  type: "apple",
  event: "call",
  token: IPHONE_TOKENS.voip,
  "app-id": "org.example.phone.voip.prod",
  "from-name": "Bob & Co",
  "from-uri": "sip:+4315551234@example.org",
  "from-tag": "sdf987q",
  "to-uri": "sip:alice@example.org",
  "call-id": "a84b4c76e66710",
  sound: "ring.caf",
  msgid: "IC_MSG",
  uid: '"<urn:uuid:f0dec3ea-bd4c-00ee-b5c2-ce5d8ba4b5b0>"',
};

let stage: RecipeStage;

beforeEach(async () => {
  stage = await openRecipeStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("Flexisip's configuration", () => {
  it("rings the phone as a Linphone rings", async () => {
    const conf = await readExample("flexisip/flexisip.conf");
    // Fills each placeholder once, with its value escaped.
    const url = Object.entries(CALL).reduce(
      (filled, [name, value]) => filled.replace(`$${name}`, () => encodeURIComponent(value)),
      pick(conf, /^external-push-uri=(.*)$/m),
    );

    const { status } = await stage.ask(url, { method: pick(conf, /^external-push-method=(.*)$/m) });

    expect(url).not.toContain("$");
    expect(status).toBe(200);
    await expect(stage.ring()).resolves.toMatchObject({
      payload: {
        aps: { "loc-key": "IC_MSG", "call-id": CALL["call-id"] },
        "from-uri": "sip:+4315551234@example.org",
        "display-name": "Bob & Co",
      },
    });
  });
});
