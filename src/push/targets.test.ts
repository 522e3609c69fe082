import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  A_DIRECT_IPHONE,
  aCall,
  aMessage,
  anAndroid,
  ANDROID_TOKEN,
  anIphone,
  IPHONE_TOKENS,
} from "../../test/fixtures/builders.ts";
import { TOKEN_KINDS, type Device } from "./device.ts";
import { PUSH_KINDS } from "./push.ts";
import { chooseDirectTargets, chooseTargets } from "./targets.ts";

describe("chooseDirectTargets", () => {
  it("says nothing of a push that names no phone", () => {
    expect(chooseDirectTargets(aCall())).toBeUndefined();
  });

  it("chooses the token for the kind of push, as for a registered phone", () => {
    const named = { ...A_DIRECT_IPHONE, deviceId: "desk" };

    expect(chooseDirectTargets(aCall({ direct: A_DIRECT_IPHONE }))).toMatchObject([
      { deviceId: "direct", tokenKind: "voip", environment: "sandbox", app: "org.example.other" },
    ]);
    expect(chooseDirectTargets(aMessage({ direct: named }))).toMatchObject([{ deviceId: "desk", tokenKind: "remote" }]);
  });
});

describe("chooseTargets", () => {
  it("calls an iPhone by its PushKit token", () => {
    expect(chooseTargets("call", [anIphone()])).toEqual([
      { deviceId: "iphone", provider: "apns", tokenKind: "voip", token: IPHONE_TOKENS.voip, environment: "production" },
    ]);
  });

  it("calls an iPhone without a PushKit token by an alert", () => {
    const device = anIphone({ tokens: { remote: IPHONE_TOKENS.remote } });

    expect(chooseTargets("call", [device])).toMatchObject([{ tokenKind: "remote", token: IPHONE_TOKENS.remote }]);
  });

  it.each(["message", "invite", "groupchat", "wake"] as const)("sends a %s to the alert token", (kind) => {
    expect(chooseTargets(kind, [anIphone()])).toMatchObject([{ tokenKind: "remote", token: IPHONE_TOKENS.remote }]);
  });

  it.each(["message", "invite", "groupchat", "wake"] as const)(
    "has no %s for an iPhone that only takes calls",
    (kind) => {
      expect(chooseTargets(kind, [anIphone({ tokens: { voip: IPHONE_TOKENS.voip } })])).toEqual([]);
    },
  );

  it.each(PUSH_KINDS)("sends a %s to the one token of an Android phone", (kind) => {
    expect(chooseTargets(kind, [anAndroid()])).toMatchObject([{ tokenKind: "registration", token: ANDROID_TOKEN }]);
  });

  it("says which app and environment the token is of", () => {
    const device = anIphone({ environment: "sandbox", app: "org.example.phone" });

    expect(chooseTargets("call", [device])).toMatchObject([{ environment: "sandbox", app: "org.example.phone" }]);
  });

  it("has one target for each device, in their order", () => {
    const devices = [anAndroid({ id: "a" }), anIphone({ id: "b", tokens: {} }), anIphone({ id: "c" })];

    expect(chooseTargets("call", devices).map(({ deviceId }) => deviceId)).toEqual(["a", "c"]);
  });

  it("never sends anything but a call to a PushKit token, and nothing to a token that the device does not have", () => {
    const tokens = fc.record(
      Object.fromEntries(TOKEN_KINDS.map((kind) => [kind, fc.constantFrom(`${kind}-1`, `${kind}-2`)])),
      { requiredKeys: [] },
    );
    const devices = fc.array(tokens.map((tokens): Device => anIphone({ tokens })));

    fc.assert(
      fc.property(fc.constantFrom(...PUSH_KINDS), devices, (kind, devices) => {
        const targets = chooseTargets(kind, devices);

        expect(targets.length).toBeLessThanOrEqual(devices.length);
        for (const { tokenKind, token } of targets) {
          expect(tokenKind !== "voip" || kind === "call").toBe(true);
          expect(token.startsWith(tokenKind)).toBe(true);
        }
      }),
    );
  });
});
