import { afterEach, beforeEach, expect, it } from "vitest";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { startFakeGateway, type FakeGateway } from "../../test/fixtures/fake-gateway.ts";
import { buildPrefsCommand } from "./prefs.ts";

const ALICE = "/v1/subscribers/alice%40example.org/preferences";
const DOMAIN = "/v1/domains/example.org/preferences";

let gateway: FakeGateway;

beforeEach(async () => {
  gateway = await startFakeGateway();
});

afterEach(() => gateway[Symbol.asyncDispose]());

function prefs(...args: string[]) {
  return runCli(buildPrefsCommand, args, { SIP_PUSHD_URL: gateway.url });
}

it("shows what is set for a subscriber beside what is in force", async () => {
  const own = { mobile_push_silent_list: ["bob@example.org", "room@conference.example.org"] };
  gateway.answer(`GET ${ALICE}`, { body: { own, effective: { ...own, mobile_push_enable: "never" } } });

  const run = await prefs("show", "alice@EXAMPLE.org");

  expect(run.exitCode).toBe(0);
  expect(run.stdout.split("\n").slice(1, 4)).toEqual([
    expect.stringMatching(/^PREFERENCE +SET HERE +IN FORCE$/),
    expect.stringMatching(/^mobile_push_enable +- +never$/),
    expect.stringMatching(/^mobile_push_expiry +- +-$/),
  ]);
  expect(run.stdout).toContain("bob@example.org,room@conference.example.org");
});

it("shows a domain's own, and what holds where nothing is set", async () => {
  gateway.answer(`GET ${DOMAIN}`, { body: { own: {} } });

  const run = await prefs("show", "example.org");

  expect(run.stdout).not.toContain("silent_list");
  expect(run.stdout).not.toContain("IN FORCE");
  expect(run.stdout).toContain("pushes are sent");
});

it("sets several preferences at once, each as its own type", async () => {
  gateway.answer(`PATCH ${ALICE}`, { body: { own: {}, effective: {} } });

  await prefs(
    "set",
    "alice@example.org",
    "mobile_push_enable=no_reg",
    "mobile_push_expiry=30",
    "mobile_push_silent_list=bob@example.org, carol@example.org",
  );
  await prefs("set", "alice@example.org", "mobile_push_silent_list=");

  expect(gateway.seen.map(({ body }) => body)).toEqual([
    {
      mobile_push_enable: "no_reg",
      mobile_push_expiry: 30,
      mobile_push_silent_list: ["bob@example.org", "carol@example.org"],
    },
    { mobile_push_silent_list: [] },
  ]);
});

it("unsets with null, and prints JSON for programs", async () => {
  gateway.answer(`PATCH ${DOMAIN}`, { body: { own: { mobile_push_expiry: 30 } } });

  const run = await prefs("unset", "example.org", "mobile_push_enable", "--json");

  expect(gateway.seen[0]?.body).toEqual({ mobile_push_enable: null });
  expect(JSON.parse(run.stdout)).toEqual({ own: { mobile_push_expiry: 30 } });
});

it.each([
  [["set", "alice@example.org", "mobile_push_enable=on"], /never, always, no_reg, only_push/],
  [["set", "alice@example.org", "mobile_push_expiry=soon"], /whole number of seconds/],
  [["set", "alice@example.org", "mobile_push=always"], /There are mobile_push_enable/],
  [["set", "alice@example.org", "__proto__=x"], /There is no preference/],
  [["set", "alice@example.org", "mobile_push_enable"], /mobile_push_enable=always/],
  [["set", "example.org", "mobile_push_silent_list=bob@example.org"], /subscriber's own/],
  [["unset", "example.org", "toString"], /There is no preference/],
  [["unset", "alice@example.org"], /preference/],
  [["show", "not a domain"], /user@domain/],
])("changes nothing where the command line is wrong: %j", async (args, hint) => {
  const run = await prefs(...args);

  expect(run.exitCode).toBe(2);
  expect(run.stderr).toMatch(hint);
  expect(gateway.seen).toEqual([]);
});

it("explains the six values in its help", async () => {
  const { stdout } = await prefs("set", "--help");

  for (const mode of ["never", "always", "no_reg", "only_push", "reg_then_push", "push_then_reg"]) {
    expect(stdout).toMatch(new RegExp(`^ +${mode} +\\S+ `, "m"));
  }
});
