import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi } from "../fixtures/gateway-processes.ts";
import { fillVariables } from "./asterisk-variables.ts";
import { openRecipeStage, pick, readExample, type RecipeStage } from "./recipe-stage.ts";

const ID = "1795765657.6";
const CALLER = { "CALLERID(num)": "+4315551234", "CALLERID(name)": 'Bob & "Co"' };
const RELAY = join(import.meta.dirname, "../../examples/asterisk/relay-registrations.mjs");
const CONTACT = "sip:alice@192.0.2.7:5060;transport=tcp";

let stage: RecipeStage;
let dialplan: string;

beforeEach(async () => {
  stage = await openRecipeStage();
  dialplan = await readExample("asterisk/extensions.conf");
});
afterEach(() => stage[Symbol.asyncDispose]());

const globals = () => ({
  PUSH_GATEWAY: pick(dialplan, /^PUSH_GATEWAY=(.*)$/m),
  PUSH_DOMAIN: pick(dialplan, /^PUSH_DOMAIN=(.*)$/m),
});

/** Headers that the dialplan sets before the call; `Prefer` only if no phone is registered. */
function readHeaders(isHeld: boolean): Headers {
  const headers = new Headers();
  const [phones = ""] = dialplan.split("[push-late]");
  for (const [, name = "", value = ""] of phones.matchAll(/Set\(CURLOPT\(httpheader\)=([^:]+): ([^)]*)\)/g))
    if (isHeld || name !== "Prefer") headers.append(name, value);
  return headers;
}

/** `CURL(URL,BODY)`, filled in. */
function curl(pattern: RegExp, values: Readonly<Record<string, string>>, isHeld = false) {
  const url = pick(dialplan, new RegExp(`\\$\\{CURL\\((${pattern.source})\\)\\}\\)$`, "m"));
  const [address = "", body = ""] = fillVariables(url, { ...globals(), ...values }).split(/,(.*)/s);
  return stage.ask(address, { method: "POST", body, headers: readHeaders(isHeld) });
}

/** Final content of `BODY`. */
function buildBody(): string {
  const values = { ...globals(), ...CALLER, PUSH_ID: ID, EXTEN: "alice", BODY: "" };
  for (const [, text = ""] of dialplan.matchAll(/Set\(BODY=(.*)\)$/gm)) values.BODY = fillVariables(text, values);
  return values.BODY;
}

const call = (isHeld = false) => curl(/\$\{PUSH_GATEWAY\}\/v1\/calls,\$\{BODY\}/, { BODY: buildBody() }, isHeld);

describe("Asterisk's dialplan", () => {
  it("rings the phone, and waits until it has come", async () => {
    const held = call(true);
    const push = await stage.ring();
    await callApi(stage.running, "POST", "/v1/registrations", { aor: "alice@example.org", contact: `<${CONTACT}>` });

    const { status, body } = await held;

    expect(push.payload).toMatchObject({ call_id: ID, caller: "+4315551234", display_name: 'Bob & "Co"' });
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 200, verdict: "registered" });
  });

  it("asks again for as long as the gateway says that nobody has come", async () => {
    const { body } = await call(true);

    expect(pick(dialplan, /\$\{JSON_DECODE\(ANSWER,verdict\)\}" = "(\w+)"/)).toBe(JSON.parse(body).verdict);
  });

  it.each(["declined", "missed", "cancel"])("says how the call has ended: %s", async (event) => {
    await call();
    expect(dialplan).toMatch(new RegExp(`Set\\(EVENT=\\$\\{IF\\(.*\\b${event}\\b`));

    const { status } = await curl(/\$\{PUSH_GATEWAY\}\/v1\/calls[^)]*\)\}\/events,event=\$\{EVENT\}/, {
      PUSH_ID: ID,
      EVENT: event,
    });

    expect(status).toBe(200);
    expect(await stage.call(ID)).toMatchObject({ state: event.replace(/cancel$/, "cancelled") });
  });

  it("waits for no answer longer than it holds the call for it", () => {
    const asking = dialplan.split(/^\[/m).filter((context) => context.includes("${CURL("));

    expect(asking).toHaveLength(2);
    for (const context of asking) {
      const [before = ""] = context.split("${CURL(");
      expect(before).toContain("Set(CURLOPT(conntimeout)=1)");
      expect(before).toContain("Set(CURLOPT(httptimeout)=1)");
    }
    expect(dialplan).toMatch(/Prefer: wait=2\)\n.*Set\(CURLOPT\(httptimeout\)=4\)/);
  });

  it("says which phone has answered, by the address that it was called at", async () => {
    const device = `${IPHONE_TOKENS.remote}:remote%26${IPHONE_TOKENS.voip}:voip`;
    const registered = `<${CONTACT};pn-provider=apns;pn-param=TEAM.org.example.phone.remote%26voip;pn-prid=${device}>`;
    await call();
    await callApi(stage.running, "POST", "/v1/registrations", { aor: "alice@example.org", contact: registered });

    const { status } = await curl(/\$\{PUSH_GATEWAY\}\/v1\/calls[^)]*\)\}\/events,event=answered.*?/, {
      PUSH_ID: ID,
      PUSH_CONTACT: CONTACT,
    });

    expect(status).toBe(200);
    expect(await stage.call(ID)).toMatchObject({ state: "answered", ended_by: "iphone" });
  });
});

/** Text of Asterisk 22, except for the tokens. */
const contactStatus = (aor: string, tokenByte: string, status: string) => [
  "Event: ContactStatus",
  "Privilege: system,all",
  `URI: ${CONTACT};pn-provider=apns;pn-param=SIMTEAM001.org.example.phone.voip;pn-prid=${tokenByte.repeat(32)}`,
  `ContactStatus: ${status}`,
  `AOR: ${aor}`,
  `EndpointName: ${aor}`,
  "RoundtripUsec: 0",
];

async function listDevices(user: string): Promise<unknown> {
  return (await callApi(stage.running, "GET", `/v1/subscribers/${user}@example.org/devices`)).body["devices"];
}

describe("the relay of Asterisk's registrations", () => {
  it("tells the gateway who has come, and not that a registration has run out", async () => {
    await using manager = await startManager();
    const port = String(manager.port);
    const settings = {
      AMI_PORT: port,
      AMI_SECRET: "secret",
      PUSH_DOMAIN: "example.org",
      PUSH_GATEWAY: stage.running.plain,
    };
    const relay = spawn(process.execPath, [RELAY], { env: { ...process.env, ...settings } });
    try {
      const login = await manager.say(contactStatus("bob", "c3", "NonQualified"));
      await manager.say(contactStatus("carol", "d4", "Removed"));
      await manager.say(contactStatus("dave", "e5", "Reachable"));

      await expect
        .poll(() => listDevices("dave"))
        .toMatchObject([{ provider: "apns", tokens: { voip: "e5e5e5…e5e5" } }]);
      await expect.poll(() => listDevices("bob")).toHaveLength(1);
      expect(await listDevices("carol")).toEqual([]);
      expect(login).toBe("Action: Login\r\nUsername: sip-pushd\r\nSecret: secret\r\nEvents: system\r\n\r\n");
    } finally {
      relay.kill();
      await once(relay, "close");
    }
  });
});

/** The part of Asterisk's manager interface that the relay uses. */
async function startManager() {
  let heard = "";
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.setEncoding("utf8").on("data", (text: string) => (heard += text)));
    socket.write("Asterisk Call Manager/11.0.0\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    /** Waits until the relay has logged in, sends the lines, and returns what the relay sent before. */
    async say(lines: readonly string[]): Promise<string> {
      await expect.poll(() => heard, { timeout: 10_000 }).toContain("\r\n\r\n");
      for (const socket of sockets) socket.write([...lines, "", ""].join("\r\n"));
      return heard;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
