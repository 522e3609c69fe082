import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { openRecipeStage, pick, readExample, type RecipeStage } from "./recipe-stage.ts";

const ID = "a84b4c76e66710@192.0.2.1";
const CONTACT = "<sip:alice@192.0.2.7:5060>";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const VALUES: Readonly<Record<string, string>> = {
  ci: ID,
  "param(req_callid)": ID,
  "param(aor)": "alice@example.org",
  tu: "sip:alice@example.org",
  fU: "+4315551234",
  rU: "alice",
  rd: "example.org",
  "hdr(Contact)": `${CONTACT.slice(0, -1)};pn-provider=fcm;pn-param=sip-pushd-simulator;pn-prid=${ANDROID_TOKEN.replace(":", "%3A")}>`,
  "hdr(Expires)": "600",
};

let stage: RecipeStage;
let config: string;

beforeEach(async () => {
  stage = await openRecipeStage();
  config = await readExample("opensips/opensips.cfg");
});
afterEach(() => stage[Symbol.asyncDispose]());

/** Returns the text of a route, or the part after a mark in it. */
function readRoute(name: string, mark = ""): string {
  const [, behind = ""] = config.split(`route[${name}] {`);
  const [route = ""] = behind.split("\n}\n");
  return route.slice(Math.max(route.indexOf(mark), 0));
}

/** `"text" + $(pseudo-variable{rest.escape}) + …` */
function fill(expression: string): string {
  return expression
    .split(" + ")
    .map((part) => {
      const [, text, escaped = ""] = /^(?:"(.*)"|\$\((.*)\{rest\.escape\}\))$/.exec(part) ?? [];
      const value = text ?? VALUES[escaped];
      if (value === undefined) throw new Error(`The configuration has something that this test does not know: ${part}`);
      return text === undefined ? encodeURIComponent(value) : value;
    })
    .join("");
}

const caller = () => fill(pick(readRoute("INVITE"), /\$var\(caller\) = (.*);/));

function post(route: string, expression = pick(route.split("launch(")[0] ?? "", /\$var\(body\) = ("[^;]*);/)) {
  const [, url = ""] = /rest_post\("([^"]*)"/.exec(route) ?? [];
  const body = fill(expression.replace("$var(caller)", `"${caller()}"`));
  return stage.ask(url, { method: "POST", headers: FORM, body });
}

function tell(expression: string) {
  const url = fill(pick(readRoute("TELL"), /\$var\(url\) = (.*);/));
  return stage.ask(url, { method: "POST", headers: FORM, body: fill(expression) });
}

describe("OpenSIPS's configuration", () => {
  it("rings a phone whose binding is valid", async () => {
    const { status } = await post(
      readRoute("E_UL_CONTACT_REFRESH", '"ini-INVITE"'),
      pick(config, /\$var\(body\) = ("call_id=" \+ \$\(param.*);/),
    );

    expect(status).toBe(202);
    await expect(stage.ring()).resolves.toMatchObject({ payload: { call_id: ID, caller: "+4315551234" } });
  });

  it("rings a phone whose binding has run out, learns it from its REGISTER, and says that it has answered", async () => {
    const rung = await post(readRoute("INVITE"));
    const expires = pick(readRoute("REGISTER"), /\$var\(body\) = \$var\(body\) \+ (.*);/);
    const registered = await post(
      readRoute("REGISTER"),
      `${pick(readRoute("REGISTER"), /\$var\(body\) = ("aor.*);/)} + ${expires}`,
    );
    const answered = await tell(`"event=answered&contact=${encodeURIComponent(CONTACT)}"`);

    expect([rung.status, registered.status, answered.status]).toEqual([202, 200, 200]);
    expect(await stage.call(ID)).toMatchObject({ state: "answered", ended_by: "pixel" });
  });

  it.each([
    ["cancel", "cancelled"],
    ["declined", "declined"],
    ["missed", "missed"],
  ])("says how the call has ended: %s", async (event, state) => {
    await post(readRoute("INVITE"));

    const { status } = await tell(pick(config, new RegExp(`\\$var\\(event\\) = ("event=${event}");`)));

    expect(status).toBe(200);
    expect(await stage.call(ID)).toMatchObject({ state });
  });

  it("wakes a phone silently whose binding is about to run out", async () => {
    const { status } = await post(readRoute("E_UL_CONTACT_REFRESH", '"reg-refresh"'));

    expect(status).toBe(200);
    const { mailbox } = stage.running.simulator;
    await expect(mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote)).resolves.toMatchObject({
      headers: { "apns-push-type": "background" },
    });
  });
});
