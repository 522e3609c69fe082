import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readCapture } from "../fixtures/captured-request.ts";
import { exchangeRaw } from "../fixtures/http-tools.ts";
import { callApi } from "../fixtures/gateway-processes.ts";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { openRecipeStage, pick, readExample, type RecipeStage } from "./recipe-stage.ts";

let stage: RecipeStage;

beforeEach(async () => {
  stage = await openRecipeStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("SEMS's configuration", () => {
  it("sends a GET that rings the phone, with nothing encoded in it", async () => {
    const conf = await readExample("sems/mobile_push.conf");
    const ca = await readFile(join(stage.running.directory, "ca.crt"), "utf8");
    const url = stage.locate(pick(conf, /^push_server_url=(.*)$/m));
    const target = `${new URL(url).pathname}?caller=+431234567&callee=alice&domain=example.org`;

    const { status } = await exchangeRaw(url, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n`, ca);

    expect(pick(conf, /^use_post=(.*)$/m)).toBe("no");
    expect(status).toBe(200);
    await expect(stage.ring()).resolves.toMatchObject({ payload: { caller: "+431234567" } });
  });
});

it("SEMS's lines say that they are not the whole file, and set nothing that is the platform's", async () => {
  const conf = await readExample("sems/mobile_push.conf");
  const settings = [...conf.matchAll(/^(\w+)=/gm)].map(([, name]) => name);

  expect(settings).toEqual(["push_server_url", "use_post"]);
  for (const name of ["diag_path", "load_diags", "register_apps", "mod_path", "db_url"]) {
    expect(conf).toMatch(new RegExp(`^# .*\\b${name}\\b`, "m"));
  }
});

describe("NGCP's configuration", () => {
  it("has the listeners that the platform's own settings ask", async () => {
    const readme = await readExample("ngcp/README.md");
    const { pushd } = parse(await readExample("config/ngcp.yml")) as {
      pushd: { port: number; listen: { port: number }[] };
    };
    const asked = [...readme.matchAll(/http:\/\/127\.0\.0\.1:(\d+)\/push/g)].map(([, port]) => Number(port));

    expect(pushd.listen.map(({ port }) => port)).toEqual(asked);
    expect(pick(await readExample("sems/mobile_push.conf"), /^push_server_url=.*:(\d+)\//m)).toBe(String(pushd.port));
  });

  it("rings the phone at the proxy's word", async () => {
    const url = pick(await readExample("ngcp/README.md"), /`(http:\/\/127\.0\.0\.1:45059\/push)`/);
    const body = Buffer.from(readCapture("ngcp-lua-call.http").body).toString().replace("43991002", "alice");

    const { status } = await stage.ask(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });

    expect(status).toBe(200);
    await expect(stage.ring()).resolves.toMatchObject({ payload: { caller: "+43 1 99001" } });
  });

  it("shows the message at Prosody's word", async () => {
    const url = pick(await readExample("ngcp/README.md"), /url = "(http:[^"]*)"/);
    const body = Buffer.from(readCapture("prosody-message.http").body);
    const phone = { provider: "apns", tokens: { remote: IPHONE_TOKENS.remote } };
    await callApi(stage.running, "PUT", "/v1/subscribers/bob@example.org/devices/iphone", phone);

    const { status } = await stage.ask(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });

    expect(status).toBe(200);
    await expect(stage.running.simulator.mailbox.waitFor(() => true)).resolves.toMatchObject({
      payload: { aps: { alert: "Message from Alice Example:\nAre we still on for lunch?" } },
    });
  });
});
