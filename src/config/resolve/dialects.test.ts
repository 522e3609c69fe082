import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";

let fixture: ConfigFixture;

beforeAll(() => {
  fixture = createConfigFixture();
});

afterAll(() => fixture[Symbol.dispose]());

const PLAIN = "listen: [{port: 8080}]\n";

describe("dialects", () => {
  it("are all on, below /compat/; Flexisip's phones are Linphones, and the middleware's are Vialers", () => {
    expect(fixture.load(PLAIN).config.dialects).toEqual({
      sipwise: { paths: ["/push", "/mobilepush/"] },
      flexisip: { paths: ["/compat/flexisip"], profile: "linphone" },
      freeswitch: { paths: ["/compat/freeswitch"] },
      kazoo: { paths: ["/compat/kazoo"] },
      sylk: { paths: ["/compat/sylk"] },
      vialer: { paths: ["/compat/vialer"], profile: "vialer", holdMs: 4_000 },
    });
  });

  it("go elsewhere, are off, and have a payload profile", () => {
    const text =
      "dialects: {kazoo: {paths: [/a/b, /c]}, sylk: {paths: []}, vialer: {payload_profile: linphone, hold_ms: 0}, sipwise: {paths: []}}";

    expect(fixture.load(PLAIN + text).config.dialects).toMatchObject({
      kazoo: { paths: ["/a/b", "/c"] },
      sylk: { paths: [] },
      vialer: { paths: ["/compat/vialer"], profile: "linphone", holdMs: 0 },
      sipwise: { paths: ["/push"] },
    });
  });

  it.each([
    [
      "{sylk: {paths: [/compat/kazoo/]}}",
      'dialects.sylk.paths: dialects.kazoo has it already, found "/compat/kazoo/"; write another one, e.g. /compat/sylk',
    ],
    ["{vialer: {paths: [/push]}}", "dialects.vialer.paths: dialects.sipwise has it already"],
    ["{vialer: {paths: [/mobilepush]}}", "dialects.vialer.paths: dialects.sipwise has it already"],
    ["{flexisip: {paths: [/v1/flexisip]}}", "dialects.flexisip.paths: the gateway has another use for it"],
    ["{sipwise: {paths: [/metrics/]}}", "dialects.sipwise.paths: the gateway has another use for it"],
    ["{kazoo: {paths: [/]}}", "dialects.kazoo.paths[0]: expected a path of letters, digits and . _ ~ -"],
    ["{kazoo: {paths: [/k/*]}}", "dialects.kazoo.paths[0]: expected a path of letters, digits and . _ ~ -"],
    ["{kazoo: {payload_profile: linphones}}", "dialects.kazoo.payload_profile: expected one of standard, linphone"],
    ["{vialer: {hold_ms: 60001}}", "dialects.vialer.hold_ms: expected milliseconds, from 0 to 60000"],
  ])("%s is a problem", (dialects, problem) => {
    expect(fixture.problemsOf(`${PLAIN}dialects: ${dialects}`)).toEqual([expect.stringContaining(problem)]);
  });
});
